import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CompiledView, ServiceMember } from '../../core/definitions/compiled.ts';
import type { JoinedRow, JoinRequest, OfflineStore, Spine } from '../../core/ports/offline-store.ts';
import {
  aggregateView,
  eventSource,
  hourMillis,
  memberOf,
  record,
  rowSource,
  rowView,
} from '../../test/doubles/landing-views.ts';
import { createDuckDbOfflineStore } from './offline-store.ts';

let folder: string;
let store: OfflineStore;

const start = Date.UTC(2001, 0, 1);
const source = eventSource();
const profiles = rowSource([
  { name: 'code', type: { kind: 'int64' } },
  { name: 'seen', type: { kind: 'timestamp' } },
]);
const count = { function: 'countRows' } as const;
const delays: CompiledView = aggregateView(
  source,
  ['origin'],
  [
    { name: 'landed', aggregate: count, type: { kind: 'int64' }, windowMillis: hourMillis },
    {
      name: 'fares',
      aggregate: { function: 'sum', input: { op: 'col', name: 'fare' } },
      type: { kind: 'decimal', precision: 38, scale: 2 },
      windowMillis: hourMillis,
    },
  ],
  { name: 'delays' },
);
const facts = rowView(profiles, ['code'], { name: 'facts' });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asof-dataset-'));
  store = await createDuckDbOfflineStore({ folder: join(folder, 'store') });
  const landings = Array.from({ length: 10 }, (_, offset) =>
    record({ offset }, start + offset * 600_000, ['ATL', 'ORD', 1, '1.10', 0, offset], { eventId: offset }),
  );
  await store.append(source, landings);
  await store.flush(source);
  await store.append(profiles, [record({ offset: 0 }, start, [7, start + 5])]);
});
afterAll(async () => {
  await store[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function request(spine: Spine, members: readonly ServiceMember[] = [memberOf(delays)]): JoinRequest {
  return { spine, members, mode: 'AS_SERVED', sources: [source, profiles], withStatus: false };
}

async function joined(asked: JoinRequest): Promise<JoinedRow[]> {
  const rows: JoinedRow[] = [];
  for await (const chunk of store.join(asked)) rows.push(...chunk);
  return rows;
}

function rowsSpine(
  columns: Extract<Spine, { kind: 'rows' }>['columns'],
  rows: readonly (readonly (string | number | null)[])[],
): Spine {
  const times = rows.map((_, index) => start + hourMillis * (index + 1));
  return { kind: 'rows', columns, rows, times, knownAt: times.map(() => null) };
}

const text = { kind: 'string' } as const;

describe('a join', () => {
  it('keeps every row of the spine, in its order, with all columns', async () => {
    const spine = rowsSpine(
      [
        { name: 'label', type: { kind: 'int64' } },
        { name: 'origin', type: text },
      ],
      [
        [1, 'ATL'],
        [1, 'ATL'],
        [2, null],
        [3, 'nowhere'],
      ],
    );
    const rows = await joined(request(spine));
    expect(rows.map(({ row, columns }) => [row, columns.label, columns.origin])).toEqual([
      [0, 1, 'ATL'],
      [1, 1, 'ATL'],
      [2, 2, null],
      [3, 3, 'nowhere'],
    ]);
    expect(rows.map(({ members }) => members[0]!.values)).toEqual([
      [6, '6.60'],
      [4, '4.40'],
      [null, null],
      [0, null],
    ]);
    expect(rows.map(({ members }) => members[0]!.status)).toEqual(['PRESENT', 'PRESENT', 'NOT_FOUND', 'NOT_FOUND']);
  });

  it('reads the same view under two aliases by different columns', async () => {
    const spine = rowsSpine(
      [
        { name: 'from', type: text },
        { name: 'to', type: text },
      ],
      [['ATL', 'ORD']],
    );
    const members = ['from', 'to'].map((column) => ({ ...memberOf(delays, column), joinColumns: [column] }));
    const [row] = await joined(request(spine, members));
    expect(row!.members.map(({ values }) => values[0])).toEqual([6, 0]);
  });

  it('takes a spine by SQL over the sources, in its order, and describes it', async () => {
    const query = `SELECT origin, flightId AS id, landedAt + INTERVAL 1 SECOND AS t FROM landings WHERE delay > 0 ORDER BY flightId DESC LIMIT 3`;
    const spine: Spine = { kind: 'sql', query, timeColumn: 't' };
    expect(await store.describeSpine(spine, [source])).toEqual([
      { name: 'origin', type: text },
      { name: 'id', type: { kind: 'int64' } },
      { name: 't', type: { kind: 'timestamp' } },
    ]);
    const rows = await joined(request(spine));
    expect(rows.map(({ columns }) => columns.id)).toEqual([9, 8, 7]);
    expect(rows[0]!.time).toBe(start + 9 * 600_000 + 1000);
    expect(rows[0]!.members[0]!.values).toEqual([7, '7.70']);
  });

  it('lets a source be named like a table of the join itself', async () => {
    const names = ['spine', 'spine_keys', 'bounds', 'counting', 'sorted', 'events', 'places', 'sums', 'totals', 'm0'];
    const members = [memberOf(delays), memberOf(facts)];
    for (const name of names) {
      const named = { ...source, name };
      await store.append(named, [record({ offset: 0 }, start, ['ATL', 'ORD', 1, '1.10', 0, 0], { eventId: 0 })]);
      const query = `SELECT origin, 7 AS code, landedAt + INTERVAL 1 SECOND AS t FROM ${name}`;
      const spine: Spine = { kind: 'sql', query, timeColumn: 't' };
      const rows = await joined({ ...request(spine, members), sources: [source, profiles, named] });
      expect(rows.map(({ members: [landed] }) => landed!.values)).toEqual([[1, '1.10']]);
    }
  });

  it('reads a CSV spine’s keys as text, and its times with and without an offset', async () => {
    const path = join(folder, 'spine.csv');
    await writeFile(path, 'code,at\n007,2001-01-01T02:00:00+02:00\n7,2001-01-01 00:00:00\nx,2001-01-01\n');
    const spine: Spine = { kind: 'file', path, format: 'csv', timeColumn: 'at' };
    await expect(joined(request(spine, [memberOf(facts)]))).rejects.toThrow(/rows\[2\]\.code.*expected int64; got x/);
    await writeFile(path, 'code,at\n007,2001-01-01T02:00:00+02:00\n7,2000-12-31 23:59:59.999\n');
    const rows = await joined(request(spine, [memberOf(facts)]));
    expect(rows.map(({ time, members }) => [time, members[0]!.status])).toEqual([
      [start, 'PRESENT'],
      [start - 1, 'NOT_FOUND'],
    ]);
    expect(rows[0]!.columns.code).toBe('007');
  });

  it('leaves out rows that are not between, and numbers the rest', async () => {
    const spine = rowsSpine([{ name: 'origin', type: text }], [['ATL'], ['ATL'], ['ATL']]);
    const between = { start: start + 2 * hourMillis, end: start + 3 * hourMillis };
    const rows = await joined({ ...request(spine), between });
    expect(rows.map(({ row, time }) => [row, time])).toEqual([[0, start + 2 * hourMillis]]);
  });

  it('says what is wrong with a spine', async () => {
    const spine = rowsSpine([{ name: 'origni', type: text }], [['ATL']]);
    await expect(joined(request(spine))).rejects.toThrow(/no column "origin".*Did you mean "origni"/);
    const numbers = rowsSpine([{ name: 'origin', type: { kind: 'int64' } }], [[1]]);
    await expect(joined(request(numbers))).rejects.toThrow(/expected string; got int64/);
    const sql: Spine = { kind: 'sql', query: 'SELECT 1 AS origin', timeColumn: 't' };
    await expect(joined(request(sql))).rejects.toThrow(/timeColumn.*no column "t"/);
    const noTime: Spine = { kind: 'sql', query: "SELECT 'ATL' AS origin, NULL::TIMESTAMP AS t", timeColumn: 't' };
    await expect(joined(request(noTime))).rejects.toThrow(/rows\[0\]\.t.*no usable time/);
    const failing: Spine = { kind: 'sql', query: "SELECT error('no') AS origin, now() AS t", timeColumn: 't' };
    await expect(joined(request(failing))).rejects.toMatchObject({ code: 'BAD_INPUT' });
    const late = rowsSpine([{ name: 'origin', type: text }], [['ATL'], ['ATL']]);
    await expect(joined({ ...request(late), knownUntil: start + hourMillis })).rejects.toThrow(
      /rows\[1\].*later than what is known; expected at most 2001-01-01T01:00:00.*got 2001-01-01T02:00:00/,
    );
  });

  it('stops when the signal is aborted, and the store goes on', async () => {
    const signal = AbortSignal.abort();
    const spine = rowsSpine([{ name: 'origin', type: text }], [['ATL']]);
    await expect(joined({ ...request(spine), signal })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await joined(request(spine))).toHaveLength(1);
  });

  it('answers an empty spine with nothing', async () => {
    expect(await joined(request(rowsSpine([{ name: 'origin', type: text }], [])))).toEqual([]);
  });
});

describe('a dataset', () => {
  it('has the spine’s columns, the features, their status and typed values', async () => {
    const spine = rowsSpine(
      [
        { name: 'origin', type: text },
        { name: 'code', type: { kind: 'int64' } },
      ],
      [
        ['ATL', 7],
        [null, 8],
      ],
    );
    const withDefault = {
      ...delays,
      features: delays.features.map((feature) =>
        feature.name === 'fares' ? { ...feature, defaultValue: '0.00' } : feature,
      ),
    };
    const progress: number[] = [];
    const file = join(folder, 'out', 'dataset.parquet');
    const written = await store.joinToParquet(
      {
        ...request(spine, [memberOf(withDefault), memberOf(facts)]),
        withStatus: true,
        onProgress: (done) => progress.push(done),
      },
      file,
    );
    expect(written.rows).toBe(2);
    expect(written.fileBytes).toBeGreaterThan(100);
    expect(progress.at(-1)).toBe(2);
    const { columns, rows } = await store.readParquet(file, 10);
    expect(columns.map(({ name, type }) => [name, type.kind])).toEqual([
      ['origin', 'string'],
      ['code', 'int64'],
      ['__time', 'timestamp'],
      ['delays__landed', 'int64'],
      ['delays__landed__status', 'string'],
      ['delays__fares', 'decimal'],
      ['delays__fares__status', 'string'],
      ['facts__code', 'int64'],
      ['facts__code__status', 'string'],
      ['facts__seen', 'timestamp'],
      ['facts__seen__status', 'string'],
    ]);
    const [first, second] = [start + hourMillis, start + 2 * hourMillis];
    const present = 'PRESENT';
    const missing = 'NOT_FOUND';
    expect(rows).toEqual([
      ['ATL', 7, first, 6, present, '6.60', present, 7, present, start + 5, present],
      [null, 8, second, null, missing, '0.00', missing, null, missing, null, missing],
    ]);
    expect((await store.readParquet(file, 1)).rows).toHaveLength(1);
  });
});
