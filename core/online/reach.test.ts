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
import type { SourceRecord } from '../definitions/compiled.ts';
import { oracleRead } from '../oracle/read.ts';
import { day, hour, minute, second } from '../time/windows.ts';
import { groupByKey } from './group-by-key.ts';
import { createOnlineReader } from './reader.ts';
import { markReady } from './ready.ts';
import { reachOf } from './tile-plan.ts';
import { createOnlineWriter } from './writer.ts';

const accumulators = [
  { function: 'countRows' },
  { function: 'sum', input: 'x' },
  { function: 'first', input: 'x' },
] as const;

const fields = [
  { name: 'key', type: text },
  { name: 'x', type: int64 },
  { name: 'id', type: int64 },
];

const viewArbitrary = fc
  .record({
    grainMillis: fc.constantFrom(second, 10 * second),
    delayMillis: fc.constantFrom(0, 30 * second),
    latenessMillis: fc.constantFrom(minute, day, 40 * day),
    windows: fc.array(fc.constantFrom(10, 61, 119, 7_200, 86_400), { minLength: 1, maxLength: 2 }),
  })
  .map(({ grainMillis, delayMillis, latenessMillis, windows }) =>
    aggregateViewOf({
      source: eventSourceOf({ fields, latenessMillis, eventId: 'id' }),
      accumulators,
      features: windows.flatMap((seconds) =>
        accumulators.map((_, accumulator) => ({ accumulator, windowMillis: seconds * second })),
      ),
      grainMillis,
      delayMillis,
    }),
  );

const recordsArbitrary = fc
  .array(
    fc.record({
      pause: fc.oneof(fc.constantFrom(0, 1, minute, 2 * hour, day), fc.nat(10 * minute), fc.nat(2 * day)),
      lag: fc.oneof(fc.constantFrom(0, minute, day), fc.nat(2 * day)),
      id: fc.nat(5),
      /** Repeats the id and event time of the record this far back. */
      repeat: fc.option(fc.nat(4), { nil: null, freq: 3 }),
    }),
    { minLength: 2, maxLength: 25 },
  )
  .map((draws) => {
    const offsets = [0, 0];
    let knownTime = Date.UTC(2024, 1, 28, 23, 58);
    const records: SourceRecord[] = [];
    for (const { pause, lag, id: drawn, repeat } of draws) {
      const first = repeat === null ? undefined : records[records.length - 1 - repeat];
      knownTime += pause;
      const id = first === undefined ? drawn : Number(first.eventId);
      const partition = id % 2;
      const offset = offsets[partition]!++;
      const eventTime = first?.eventTime ?? knownTime - lag;
      records.push(
        recordOf({ eventTime, knownTime, partition, offset, eventId: id, values: ['a', records.length, id] }),
      );
    }
    return records;
  });

const inPlaceOrder = (records: readonly SourceRecord[]) =>
  [...records].sort((a, b) => a.partition - b.partition || a.offset - b.offset);

/** What a scan with this reach hands over of one key. */
function inReach(records: readonly SourceRecord[], reachMillis: number): SourceRecord[] {
  const from = Math.max(...records.map(({ knownTime }) => knownTime)) - reachMillis;
  const last = new Map(records.map((record) => [record.partition, record]));
  return inPlaceOrder(records.filter((record) => record.eventTime > from || last.get(record.partition) === record));
}

it('is far enough: a state filled from what is in reach is read as if it were filled from all', async () => {
  let leftOut = 0;
  await fc.assert(
    fc.asyncProperty(
      viewArbitrary,
      recordsArbitrary,
      fc.nat(24),
      fc.oneof(fc.constantFrom(-minute, 0, 1, minute), fc.integer({ min: -minute, max: 2 * day })),
      async (view, records, cut, wait) => {
        const history = records.slice(0, cut + 1);
        const filled = inReach(history, reachOf(view)!);
        leftOut += history.length - filled.length;
        const at = records.at(-1)!.knownTime + wait;
        const clock = { now: () => at, readInstant: () => at };
        const store = createMapOnlineStore();
        await markReady(store, view);
        for (const batch of [filled, records.slice(cut + 1)]) {
          await createOnlineWriter({ store, clock }).apply(view, groupByKey(view, batch));
        }
        const { readings } = await createOnlineReader({ store, clock }).read([{ view, key: ['a'] }], at);
        const question = { key: ['a'], t: at, knownAt: Number.MAX_SAFE_INTEGER, mode: 'AS_SERVED' } as const;
        expect(readings[0]).toEqual(oracleRead(view, inPlaceOrder(records), question));
      },
    ),
    { numRuns: 600 },
  );
  expect(leftOut).toBeGreaterThan(500);
});

it('has no end where every record matters: lifetime windows and rows', () => {
  const features = [
    { accumulator: 0, windowMillis: hour },
    { accumulator: 1, windowMillis: null },
  ];
  expect(reachOf(aggregateViewOf({ accumulators, features }))).toBeNull();
  expect(reachOf(rowViewOf({ source: rowSourceOf(fields), features: ['x'] }))).toBeNull();
});
