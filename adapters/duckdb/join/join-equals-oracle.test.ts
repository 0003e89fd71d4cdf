import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CompiledView, SourceRecord } from '../../../core/definitions/compiled.ts';
import type { AggregateFunction } from '../../../core/definitions/model.ts';
import { oracleRead } from '../../../core/oracle/read.ts';
import type { JoinedRow, JoinMode, OfflineStore } from '../../../core/ports/offline-store.ts';
import type { Value, ValueType } from '../../../core/values/types.ts';
import {
  aggregateView,
  eventSource,
  hourMillis,
  memberOf,
  record,
  rowSource,
  rowView,
  type SampleFeature,
} from '../../../test/doubles/landing-views.ts';
import { createDuckDbOfflineStore } from '../offline-store.ts';

let folder: string;
let store: OfflineStore;
let sources = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asof-join-'));
  store = await createDuckDbOfflineStore({ folder, memoryLimit: '512MB' });
});
afterAll(async () => {
  await store[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Small integers from a seed, so that a failure can be repeated. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

interface SpineRow {
  readonly key: readonly Value[];
  readonly t: number;
  readonly knownAt: number;
}

/** Joins the spine and compares every row with the oracle's reading. */
async function expectOracle(
  view: CompiledView,
  records: readonly SourceRecord[],
  spine: readonly SpineRow[],
  mode: JoinMode,
): Promise<void> {
  const rows: JoinedRow[] = [];
  const request = {
    spine: {
      kind: 'rows' as const,
      columns: view.key.map(({ name, type }) => ({ name, type })),
      rows: spine.map(({ key }) => key),
      times: spine.map(({ t }) => t),
      knownAt: spine.map(({ knownAt }) => knownAt),
    },
    members: [memberOf(view)],
    mode,
    sources: [],
    withStatus: false,
  };
  for await (const chunk of store.join(request)) rows.push(...chunk);
  expect(rows).toHaveLength(spine.length);
  for (const [index, { key, t, knownAt }] of spine.entries()) {
    const { status, eventTime, values, statuses, defaulted } = oracleRead(view, records, { key, t, knownAt, mode });
    const row = rows[index]!;
    expect({ ...row.members[0], at: `row ${index}, key ${key}, t ${t}, known at ${knownAt}` }).toEqual({
      status,
      eventTime,
      values,
      statuses,
      defaulted,
      at: `row ${index}, key ${key}, t ${t}, known at ${knownAt}`,
    });
    expect(row.row).toBe(index);
  }
}

const start = Date.UTC(2024, 0, 10);

function features(windows: readonly (number | null)[]): SampleFeature[] {
  const col = (name: string) => ({ op: 'col', name }) as const;
  const late = { op: 'gt', args: [col('delay'), { op: 'lit', type: { kind: 'int64' }, value: 15 }] } as const;
  const int64: ValueType = { kind: 'int64' };
  const float64: ValueType = { kind: 'float64' };
  const text: ValueType = { kind: 'string' };
  const shapes: [AggregateFunction, string | null, ValueType, boolean][] = [
    ['countRows', null, int64, false],
    ['countRows', null, int64, true],
    ['count', 'delay', int64, false],
    ['sum', 'delay', int64, true],
    ['sum', 'fare', { kind: 'decimal', precision: 38, scale: 2 }, false],
    ['avg', 'delay', float64, false],
    ['avg', 'fare', float64, true],
    ['min', 'delay', int64, false],
    ['max', 'delay', int64, true],
    ['max', 'destination', text, false],
    ['first', 'destination', text, false],
    ['last', 'destination', text, false],
    ['last', 'delay', int64, true],
  ];
  return windows.flatMap((windowMillis) =>
    shapes.map(([name, input, type, isLate], index) => ({
      name: `${name}_${index}_${windowMillis}`,
      aggregate: {
        function: name,
        ...(input === null ? {} : { input: col(input) }),
        ...(isLate ? { where: late } : {}),
      },
      type,
      windowMillis,
    })),
  );
}

function landings(random: (below: number) => number, count: number): SourceRecord[] {
  let arrival = start;
  return Array.from({ length: count }, (_, offset) => {
    const partition = random(2);
    arrival += random(4) === 0 ? random(400_000) : random(20_000);
    const delays = [0, 0, 500, 5_000, 60_000, 1_800_000, 3_600_000, 3_600_001, -1_000, -300_000, -300_001];
    const eventTime = arrival - delays[random(delays.length)]! - random(2) * random(3_000);
    const id = random(8) === 0 ? random(count) : offset;
    const pick = <T>(...options: T[]) => options[random(options.length)]!;
    return record(
      { offset, partition: id % 2 === 0 ? 0 : partition * 0 },
      pick(eventTime, eventTime - (eventTime % 1000)),
      [
        pick('a', 'a', 'b', 'c', null),
        pick('x', 'y', 'é', null),
        pick<Value>(null, random(60) - 20, 15, 16, 2n ** 62n),
        pick(null, '1.10', '2.20', '-0.30', '12345678.90'),
        random(100) / 4,
        id,
      ],
      { knownTime: arrival, eventId: id },
    );
  });
}

/** Anywhere around the records, and on and beside the instants at which something happened or became known. */
function instants(
  random: (below: number) => number,
  count: number,
  keys: readonly (readonly Value[])[],
  records: readonly SourceRecord[],
): SpineRow[] {
  const span = records.at(-1)!.knownTime - start;
  const anywhere = () => start - 2 * hourMillis + random(span + 4 * hourMillis);
  return Array.from({ length: count }, () => {
    const near = records[random(records.length)]!;
    const beside = [-1, 0, 1, 1000][random(4)]!;
    const t = [anywhere(), anywhere() - (anywhere() % 60_000), near.eventTime + beside, near.knownTime + beside][
      random(4)
    ]!;
    const other = records[random(records.length)]!;
    const knownAt = [t, t, near.knownTime - random(2), other.knownTime - random(2), t - 60_000][random(5)]!;
    return { key: keys[random(keys.length)]!, t, knownAt };
  });
}

test.each([1, 2, 3, 4])('aggregates equal the oracle, seed %i', async (seed) => {
  const random = randomFrom(seed);
  const source = eventSource({ name: `landings_${sources++}` });
  const windows = [
    [60_000, hourMillis, 6 * hourMillis],
    [600_000, null],
    [3 * hourMillis],
    [hourMillis, 24 * hourMillis, null],
  ];
  const grainMillis = [1000, 60_000, 1000, 10_000][seed % 4]!;
  const chosen = windows[seed % 4]!.map((window) => (window === null ? null : Math.max(window, grainMillis)));
  const view = aggregateView(source, ['origin'], features(chosen), {
    grainMillis,
    delayMillis: seed === 3 ? 30_000 : 0,
  });
  const records = landings(random, 250);
  await store.append(source, records.slice(0, 150));
  await store.flush(source);
  await store.append(source, records);
  const spine = instants(random, 150, [['a'], ['b'], ['c'], ['unseen'], [null]], records);
  for (const mode of ['AS_SERVED', 'EVENT_TIME'] as const) await expectOracle(view, records, spine, mode);
});

test('a view without a key and one with a composite key equal the oracle', async () => {
  const random = randomFrom(11);
  const source = eventSource({ name: `landings_${sources++}` });
  const records = landings(random, 120);
  await store.append(source, records);
  const keyless = aggregateView(source, [], features([hourMillis]));
  await expectOracle(keyless, records, instants(random, 40, [[]], records), 'AS_SERVED');
  const composite = aggregateView(source, ['origin', 'destination'], features([hourMillis]));
  const keys = [
    ['a', 'x'],
    ['a', 'é'],
    ['b', 'y'],
    ['a', null],
    [null, null],
  ];
  await expectOracle(composite, records, instants(random, 60, keys, records), 'AS_SERVED');
});

test.each([5, 6, 7])('row views equal the oracle, seed %i', async (seed) => {
  const random = randomFrom(seed);
  const fields = [
    { name: 'customer', type: { kind: 'int64' as const } },
    { name: 'city', type: { kind: 'string' as const } },
    { name: 'credit', type: { kind: 'decimal' as const, precision: 30, scale: 4 } },
  ];
  const source = { ...rowSource(fields), name: `profiles_${sources++}` };
  const records = Array.from({ length: 150 }, (_, offset) => {
    const eventTime = start + random(40) * 60_000;
    const created = [0, 0, 1_000, 3_600_000, -600_000][random(5)]!;
    const values = [[1, 2, 2n ** 60n, null][random(4)]!, ['x', '', null][random(3)]!, [null, '1.0000'][random(2)]!];
    return record({ offset, partition: 0 }, eventTime, values, {
      knownTime: eventTime + created,
      deleted: random(5) === 0,
    });
  });
  await store.append(source, records);
  const view = rowView(source, ['customer'], {
    maxAgeMillis: seed === 5 ? 300_000 : null,
    retentionMillis: seed === 6 ? 600_000 : null,
    knownAt: seed !== 7,
  });
  const spine = instants(random, 200, [[1], [2], [2n ** 60n], [99], [null]], records);
  await expectOracle(view, records, spine, 'AS_SERVED');
  await expectOracle(view, records, spine, 'EVENT_TIME');
});

test('one hot key with thousands of events, many in flight, equals the oracle', async () => {
  const random = randomFrom(21);
  const base = eventSource({ name: `landings_${sources++}` });
  const { eventId: _, ...byPlace } = base.definition as Extract<typeof base.definition, { kind: 'events' }>;
  const source = { ...base, definition: byPlace };
  const records = Array.from({ length: 6000 }, (_unused, offset) => {
    const arrival = start + offset * 7_000 + random(5_000);
    const delay = [0, 0, 800, 30_000, 1_500_000][random(5)]!;
    const values = ['a', random(50) === 0 ? null : `${random(40)}`, random(1000) - 500, `${random(90)}.25`, 0, null];
    return record({ offset }, arrival - delay, values, { knownTime: arrival });
  });
  await store.append(source, records.slice(0, 3000));
  await store.flush(source);
  await store.append(source, records);
  const view = aggregateView(source, ['origin'], features([600_000, hourMillis, 9 * hourMillis, null]));
  const spine = instants(random, 40, [['a']], records);
  await expectOracle(view, records, spine, 'AS_SERVED');
  await expectOracle(view, records, spine, 'EVENT_TIME');
});
