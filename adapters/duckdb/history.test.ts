import { cp, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SourceRecord } from '../../core/definitions/compiled.ts';
import type { OfflineStore, ScanOptions } from '../../core/ports/offline-store.ts';
import { recordShape } from '../../core/records/record-shape.ts';
import type { Value } from '../../core/values/types.ts';
import {
  aggregateView,
  eventSource,
  hourMillis,
  record,
  rowSource,
  rowView,
} from '../../test/doubles/landing-views.ts';
import { createDuckDbOfflineStore } from './offline-store.ts';

let folder: string;
let store: OfflineStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asof-history-'));
  store = await createDuckDbOfflineStore({ folder });
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const source = eventSource();
const view = aggregateView(source, ['origin'], []);
const historyFolder = join(source.name, recordShape(source));
const day = Date.UTC(2001, 0, 1);

function landing(offset: number, partition = 0, origin = 'log'): SourceRecord {
  const values = ['ATL', 'ORD', offset - 5, '1.50', 0.5, offset];
  return record({ offset, partition, origin }, day + offset * hourMillis, values, { eventId: offset });
}

function landings(from: number, to: number, partition = 0): SourceRecord[] {
  return Array.from({ length: to - from }, (_, index) => landing(from + index, partition));
}

async function offsets(options?: ScanOptions): Promise<number[]> {
  const found: number[] = [];
  for await (const { records } of store.scanByKey(view, options)) found.push(...records.map(({ offset }) => offset));
  return found;
}

async function reopen(): Promise<void> {
  await store[Symbol.asyncDispose]();
  store = await createDuckDbOfflineStore({ folder });
}

async function files(): Promise<string[]> {
  const found = await readdir(join(folder, historyFolder), { recursive: true });
  return found.filter((path) => path.endsWith('.parquet')).sort();
}

async function manifests(): Promise<string[]> {
  return (await readdir(join(folder, historyFolder))).filter((name) => /^manifest-\d+\.json$/.test(name)).sort();
}

describe('the history', () => {
  it('shows what was appended before and after it was flushed, each record once', async () => {
    await store.append(source, landings(0, 30));
    expect(await offsets()).toEqual([...Array(30).keys()]);
    expect(await store.durablePositions(source)).toEqual(new Map());
    expect(await store.flush(source)).toEqual(new Map([['log/0', 29]]));
    await store.append(source, landings(30, 40));
    expect(await offsets()).toEqual([...Array(40).keys()]);
    expect(await store.durablePositions(source)).toEqual(new Map([['log/0', 29]]));
  });

  it('skips records at or below the positions it holds, in the tail, in files and after a restart', async () => {
    await store.append(source, landings(0, 10));
    await store.append(source, landings(5, 15));
    await store.flush(source);
    await store.append(source, landings(0, 16));
    expect(await offsets()).toEqual([...Array(16).keys()]);
    await reopen();
    expect(await offsets()).toEqual([...Array(15).keys()]);
    await store.append(source, landings(0, 20));
    expect(await offsets()).toEqual([...Array(20).keys()]);
  });

  it('keeps one file per event date and partition, and nothing unfinished', async () => {
    await store.append(source, [...landings(0, 30), ...landings(0, 3, 1), landing(0, 0, 'other/topic')]);
    expect(await store.flush(source)).toEqual(
      new Map([
        ['log/0', 29],
        ['log/1', 2],
        ['other/topic/0', 0],
      ]),
    );
    const names = await files();
    expect(names).toHaveLength(4);
    expect(
      names.filter((name) => /^date=2001-01-01\/[0-9a-f]{12}-0-0-23-[0-9a-f]{8}\.parquet$/.test(name)),
    ).toHaveLength(1);
    expect(
      names.filter((name) => /^date=2001-01-02\/[0-9a-f]{12}-0-24-29-[0-9a-f]{8}\.parquet$/.test(name)),
    ).toHaveLength(1);
    expect((await readdir(join(folder, historyFolder))).filter((name) => /unfinished|\.new$/.test(name))).toEqual([]);
  });

  it('says which manifest is damaged', async () => {
    await store.append(source, landings(0, 1));
    await store.flush(source);
    await store[Symbol.asyncDispose]();
    await writeFile(join(folder, historyFolder, (await manifests()).at(-1)!), '{"version":1,');
    store = await createDuckDbOfflineStore({ folder });
    await expect(store.durablePositions(source)).rejects.toMatchObject({ code: 'CORRUPT' });
    await expect(store.append(source, landings(0, 1))).rejects.toThrow(/manifest-\d+\.json.*damaged/);
  });

  it('scans keys in place order up to the positions asked for', async () => {
    const late = [landing(0, 1), landing(1, 1)];
    await store.append(source, [...landings(0, 3), ...late]);
    await store.flush(source);
    await store.append(source, landings(3, 5));
    const places: string[] = [];
    for await (const { key, records } of store.scanByKey(view)) {
      expect(key).toEqual(['ATL']);
      places.push(...records.map(({ partition, offset }) => `${partition}/${offset}`));
    }
    expect(places).toEqual(['0/0', '0/1', '0/2', '0/3', '0/4', '1/0', '1/1']);
    expect(await offsets({ through: new Map([['log/0', 1]]) })).toEqual([0, 1]);
    expect(await offsets({ through: new Map() })).toEqual([]);
  });

  it('leaves out of a scan what is beyond its reach, but no partition’s last records, and counts it', async () => {
    const lagging = { ...landing(1, 1), eventTime: day, knownTime: day + 2 * hourMillis };
    const knownLast = { ...landing(2, 2), knownTime: day + 8 * hourMillis };
    await store.append(source, [...landings(0, 10), landing(0, 1), lagging, landing(1, 2), knownLast, landing(3, 2)]);
    await store.flush(source);
    const scans = [view, aggregateView(source, [], [])].map(async (scanned) => {
      const places: string[] = [];
      const counts: number[] = [];
      for await (const { records, recordCount } of store.scanByKey(scanned, { reachMillis: 2 * hourMillis })) {
        places.push(...records.map(({ partition, offset }) => `${partition}/${offset}`));
        counts.push(recordCount);
      }
      return { places, counts };
    });
    const expected = { places: ['0/8', '0/9', '1/1', '2/2', '2/3'], counts: [15] };
    expect(await Promise.all(scans)).toEqual([expected, expected]);
    expect(await offsets({ reachMillis: 2 * hourMillis, through: new Map([['log/0', 4]]) })).toEqual([3, 4]);
  });

  it('hands a key over in several groups when it has many records', async () => {
    const rows = landings(0, 40_000).map((record) => ({ ...record, eventTime: day, knownTime: day }));
    const other = { ...landing(40_000), values: ['BOS', ...landing(40_000).values.slice(1)] };
    await store.append(source, [...rows, other]);
    for (const reachMillis of [null, hourMillis]) {
      const found: [Value, number, number][] = [];
      for await (const { key, records, recordCount } of store.scanByKey(view, { reachMillis })) {
        found.push([key[0]!, records[0]!.offset, recordCount]);
      }
      expect(found.map(([key, from]) => [key, from])).toEqual([
        ['ATL', 0],
        ['ATL', 16_384],
        ['ATL', 32_768],
        ['BOS', 40_000],
      ]);
      expect(found.reduce((sum, [, , count]) => sum + count, 0)).toBe(40_001);
    }
  });

  it('brings every value back as it was', async () => {
    const fields = [
      { name: 'i', type: { kind: 'int64' } },
      { name: 'n', type: { kind: 'int32' } },
      { name: 'd', type: { kind: 'decimal', precision: 38, scale: 10 } },
      { name: 'f', type: { kind: 'float64' } },
      { name: 's', type: { kind: 'string' } },
      { name: 'b', type: { kind: 'bool' } },
      { name: 't', type: { kind: 'timestamp' } },
      { name: 'v', type: { kind: 'vector', length: 2 } },
      { name: 'l', type: { kind: 'list', element: { kind: 'string' } } },
      { name: 'select "x"', type: { kind: 'string' } },
    ] as const;
    const profiles = rowSource(fields);
    const rows = [
      record({ offset: 0 }, day, [
        2n ** 62n,
        -(2 ** 31),
        '1234567890123456789012345678.0123456789',
        0.1,
        "a'b\0ü",
        true,
        day + 1,
        [0.5, -1.5],
        ['x', '', null],
        '',
      ]),
      record({ offset: 1 }, day, [2n ** 62n, null, null, null, null, null, null, null, null, null], { deleted: true }),
      record({ offset: 2 }, day, [2n ** 62n, 5, '-0.0000000001', 5e-324, '💡', false, 0, [0, 0], [], 'q']),
    ];
    await store.append(profiles, rows);
    const read = async () => {
      const found: SourceRecord[] = [];
      for await (const group of store.scanByKey(rowView(profiles, ['i']))) found.push(...group.records);
      return found;
    };
    expect(await read()).toEqual(rows);
    await store.flush(profiles);
    expect(await read()).toEqual(rows);
  });

  it('lets readers see a whole history while it is flushed', async () => {
    let next = 0;
    const write = async () => {
      for (let batch = 0; batch < 20; batch++) {
        await store.append(source, landings(next, next + 10));
        next += 10;
        await store.flush(source);
      }
    };
    const writing = write();
    for (let read = 0; read < 20; read++) {
      const before = next;
      const seen = await offsets();
      expect(seen).toEqual([...Array(seen.length).keys()]);
      expect(seen.length).toBeGreaterThanOrEqual(before);
    }
    await writing;
    expect(await offsets()).toHaveLength(200);
  });

  it('takes and shows records while it writes what came before, and writes them with the next flush', async () => {
    await store.append(source, landings(0, 2_000));
    let isWritten = false;
    const flushed = store.flush(source).then((positions) => {
      isWritten = true;
      return positions;
    });
    await store.append(source, landings(1_990, 2_010));
    expect(isWritten).toBe(false);
    expect(await offsets()).toEqual([...Array(2_010).keys()]);
    expect(await flushed).toEqual(new Map([['log/0', 1_999]]));
    expect(await offsets()).toEqual([...Array(2_010).keys()]);
    expect(await store.flush(source)).toEqual(new Map([['log/0', 2_009]]));
    await reopen();
    expect(await offsets()).toEqual([...Array(2_010).keys()]);
  });

  it('can be moved to another folder', async () => {
    await store.append(source, landings(0, 10));
    await store.flush(source);
    await store[Symbol.asyncDispose]();
    await cp(folder, `${folder}-moved`, { recursive: true });
    await rename(folder, `${folder}-old`);
    await rename(`${folder}-moved`, folder);
    await rm(`${folder}-old`, { recursive: true });
    store = await createDuckDbOfflineStore({ folder });
    expect(await offsets()).toHaveLength(10);
  });
});
