import { describe, expect, it } from 'vitest';
import { createMapOnlineStore } from '../../test/doubles/map-online-store.ts';
import { aggregateViewOf, eventSourceOf, recordOf } from '../../test/doubles/views.ts';
import { day, hour, minute } from '../time/windows.ts';
import { createOnlineReader } from './reader.ts';
import { markReady } from './ready.ts';
import { createOnlineWriter } from './writer.ts';

const origin = Date.UTC(2024, 1, 28, 23, 58, 0);

describe('the online writer', () => {
  const view = aggregateViewOf({
    source: eventSourceOf({ eventId: 'x' }),
    accumulators: [{ function: 'countRows' }],
    features: [{ accumulator: 0, windowMillis: hour }],
  });
  const clock = { now: () => origin + minute, readInstant: () => origin + minute };
  const batch = (partition: number, count: number) => [
    {
      key: ['a'],
      records: Array.from({ length: count }, (_, offset) =>
        recordOf({
          eventTime: origin + offset,
          partition,
          offset,
          eventId: partition * 1_000 + offset,
          values: ['a', 1],
        }),
      ),
    },
  ];

  it('rereads and merges when another writer was faster, even with a cached state', async () => {
    const store = createMapOnlineStore();
    await markReady(store, view);
    const writers = [createOnlineWriter({ store, clock }), createOnlineWriter({ store, clock })];
    for (let round = 1; round <= 5; round++) {
      const applied = await Promise.all(
        writers.map((writer, partition) => writer.apply(view, batch(partition, round))),
      );
      expect(applied.map(({ counts }) => counts.accepted)).toEqual([1, 1]);
      expect(applied.map(({ counts }) => counts.redelivered)).toEqual([round - 1, round - 1]);
    }
    const { readings } = await createOnlineReader({ store, clock }).read([{ view, key: ['a'] }]);
    expect(readings[0]!.values).toEqual([10]);
  });

  it('applies one key twice in a call, and one writer in two calls at once', async () => {
    const store = createMapOnlineStore();
    const writer = createOnlineWriter({ store, clock });
    await Promise.all([
      writer.apply(view, [...batch(0, 3), ...batch(1, 4)]),
      writer.apply(view, [...batch(2, 2), ...batch(3, 1)]),
    ]);
    await markReady(store, view);
    const { readings } = await createOnlineReader({ store, clock }).read([{ view, key: ['a'] }]);
    expect(readings[0]!.values).toEqual([10]);
  });

  it('reports what became of the records, and which keys changed', async () => {
    const store = createMapOnlineStore();
    const writer = createOnlineWriter({ store, clock });
    const late = recordOf({ eventTime: origin, knownTime: origin + day + 1, offset: 5, eventId: 9, values: ['b', 1] });
    const ahead = recordOf({ eventTime: origin + hour, knownTime: origin, offset: 1, eventId: 1, values: ['c', 1] });
    const [first] = batch(0, 1);
    const repeated = { ...first!.records[0]!, offset: 1 };
    const moved = { ...repeated, partition: 3 };
    const applied = await writer.apply(view, [
      { key: ['a'], records: [first!.records[0]!, repeated, moved] },
      { key: ['b'], records: [late] },
      { key: ['c'], records: [ahead] },
      { key: [null], records: [late] },
    ]);
    expect(applied).toEqual({
      keysWritten: 3,
      keysRefused: 0,
      changedKeys: [['a']],
      newestEventTime: origin,
      newestKnownTime: origin,
      counts: { accepted: 1, redelivered: 0, late: 1, future: 1, duplicate: 2, misplaced: 1 },
    });
  });

  it('forgets the ids of an hour in the step that makes them useless', async () => {
    const store = createMapOnlineStore();
    const idKeys = () => [...store.values.keys()].filter((key) => key.startsWith('d:'));
    const apply = (arrival: number, offset: number) =>
      createOnlineWriter({ store, clock }).apply(view, [
        { key: ['a'], records: [recordOf({ eventTime: arrival, offset, eventId: offset, values: ['a', 1] })] },
      ]);
    await apply(origin, 0);
    const firstHour = Math.floor(origin / hour);
    expect(idKeys()).toEqual([`d:thing|a:view:1:${firstHour}:0:{0}`]);
    await apply((firstHour + 1) * hour + day - 1, 1);
    expect(idKeys()).toHaveLength(2);
    await apply((firstHour + 1) * hour + day, 2);
    expect(idKeys()).not.toContain(`d:thing|a:view:1:${firstHour}:0:{0}`);
  });

  it('stores the ids of a busy hour in chunks, rewrites only the last, and knows them all after a restart', async () => {
    const store = createMapOnlineStore();
    const records = batch(0, 10_000)[0]!.records;
    const apply = (some: typeof records) =>
      createOnlineWriter({ store, clock }).apply(view, [{ key: ['a'], records: some }]);
    const chunks = () => [...store.values].filter(([key]) => key.startsWith('d:'));
    await apply(records.slice(0, 9_990));
    const before = new Map(chunks());
    expect(before.size).toBeGreaterThan(2);
    await apply(records.slice(9_990));
    const rewritten = chunks().filter(([key, value]) => before.get(key) !== value);
    expect(rewritten).toHaveLength(1);
    const repeated = records.map((record) => ({ ...record, offset: record.offset + 10_000 }));
    expect((await apply(repeated)).counts).toMatchObject({ accepted: 0, duplicate: 10_000, misplaced: 0 });
    const later = recordOf({ eventTime: origin + 2 * day, offset: 30_000, eventId: 1, values: ['a', 1] });
    await apply([later]);
    expect(chunks()).toHaveLength(1);
  });
});
