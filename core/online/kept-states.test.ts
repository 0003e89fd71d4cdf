import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createMapOnlineStore } from '../../test/doubles/map-online-store.ts';
import {
  aggregateViewOf,
  eventSourceOf,
  int64,
  recordOf,
  rowSourceOf,
  rowViewOf,
  text,
} from '../../test/doubles/views.ts';
import type { CompiledView } from '../definitions/compiled.ts';
import type { OnlineStore } from '../ports/online-store.ts';
import { minute } from '../time/windows.ts';
import { groupByKey } from './group-by-key.ts';
import { readyKey } from './keys.ts';
import { createOnlineReader, type OnlineReadRequest } from './reader.ts';
import { markReady } from './ready.ts';
import { createValueCache } from './value-cache.ts';
import { createOnlineWriter } from './writer.ts';

const origin = Date.UTC(2024, 5, 1);
const fields = [
  { name: 'key', type: text },
  { name: 'x', type: int64 },
  { name: 'note', type: text },
];
const rows = rowViewOf({ source: rowSourceOf(fields), features: ['x', 'note'], retentionMillis: 9 * minute });
const counts: CompiledView = {
  ...aggregateViewOf({
    source: eventSourceOf({ fields }),
    accumulators: [{ function: 'countRows' }, { function: 'sum', input: 'x' }],
    features: [
      { accumulator: 0, windowMillis: minute },
      { accumulator: 1, windowMillis: 5 * minute },
    ],
  }),
  name: 'counts',
  hash: 'other',
};

/** Holds all that is read of `store` until it changes. */
function holding(store: OnlineStore): OnlineStore & { countedReads(): number } {
  const cache = createValueCache(1_000_000);
  let counted = 0;
  const countReads = (count: number): void => {
    counted += count;
  };
  return {
    ...store,
    held: { find: cache.find, nowMillis: () => 0, countReads },
    countedReads: () => counted,
    async getMany(keys) {
      const answers = await store.getMany(keys);
      for (const [i, key] of keys.entries()) cache.set(key, answers[i] as Uint8Array | null);
      return answers;
    },
    async compareAndSet(writes, fence) {
      for (const { key } of writes) cache.delete(key);
      return store.compareAndSet(writes, fence);
    },
    async delete(keys) {
      for (const key of keys) cache.delete(key);
      await store.delete(keys);
    },
  };
}

const step = fc.oneof(
  fc.record({
    kind: fc.constant('write' as const),
    view: fc.constantFrom<CompiledView>(rows, counts),
    key: fc.constantFrom('k', 'l'),
    x: fc.option(fc.integer(), { nil: null }),
    // Rows may be dated ahead.
    ahead: fc.integer({ min: -6, max: 6 }),
    deleted: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('wait' as const), millis: fc.nat(3 * minute) }),
  fc.record({
    kind: fc.constant('mark' as const),
    view: fc.constantFrom<CompiledView>(rows, counts),
    isReady: fc.boolean(),
  }),
);

const requests: OnlineReadRequest[] = ['k', 'l', 'absent', null].flatMap((key) => [
  { view: rows, key: [key] },
  { view: rows, key: [key], features: [1], maxAgeMillis: 2 * minute },
  { view: counts, key: [key] },
  { view: counts, key: [key], features: [0] },
]);

it('give what is read without them, at every instant, whatever was written meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const store = createMapOnlineStore();
      const kept = holding(store);
      let now = origin;
      const clock = { now: () => now, readInstant: (atLeast = 0) => Math.max(now, atLeast) };
      const reader = createOnlineReader({ store, clock });
      const keeping = createOnlineReader({ store: kept, clock });
      const writer = createOnlineWriter({ store: kept, clock });
      for (const view of [rows, counts]) await markReady(kept, view);
      for (const [offset, one] of steps.entries()) {
        if (one.kind === 'wait') now += one.millis;
        else if (one.kind === 'mark') {
          if (one.isReady) await markReady(kept, one.view);
          else await kept.delete(kept.shards.map((shard) => readyKey(one.view, shard)));
        } else {
          const eventTime = now + one.ahead * minute;
          const deleted = one.view === rows && one.deleted;
          const record = recordOf({ eventTime, knownTime: now, offset, deleted, values: [one.key, one.x, 'note'] });
          await writer.apply(one.view, groupByKey(one.view, [record]));
        }
        for (let time = 0; time < 2; time++) {
          expect(await keeping.read(requests)).toEqual(await reader.read(requests));
          expect(await keeping.readValues(requests)).toMatchObject(await reader.readValues(requests));
          expect(await keeping.readAhead(requests)).toEqual(await reader.readAhead(requests));
        }
      }
    }),
    { numRuns: 200 },
  );
});

it('are read without asking the store, and counted', async () => {
  const store = createMapOnlineStore();
  const kept = holding(store);
  const clock = { now: () => origin, readInstant: () => origin };
  await markReady(kept, rows);
  const reader = createOnlineReader({ store: kept, clock });
  const asked = [
    { view: rows, key: ['k'] },
    { view: rows, key: ['l'] },
  ];
  await reader.readValues(asked);
  expect([store.calls.getMany, kept.countedReads()]).toEqual([1, 0]);
  await reader.readValues(asked);
  await reader.read(asked);
  expect([store.calls.getMany, kept.countedReads()]).toEqual([1, 4]);
  // An instant of its own is asked of the store.
  await reader.read(asked, origin);
  expect([store.calls.getMany, kept.countedReads()]).toEqual([2, 4]);
});
