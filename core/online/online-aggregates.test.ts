import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMapOnlineStore, type MapOnlineStore } from '../../test/doubles/map-online-store.ts';
import {
  type AggregateShape,
  aggregateViewOf,
  eventSourceOf,
  type FeatureShape,
  int64,
  recordOf,
  text,
} from '../../test/doubles/views.ts';
import type { CompiledView, SourceRecord } from '../definitions/compiled.ts';
import { oracleRead } from '../oracle/read.ts';
import { day, floorTo, hour, minute, second } from '../time/windows.ts';
import type { Instant } from '../values/types.ts';
import { groupByKey } from './group-by-key.ts';
import { createOnlineReader } from './reader.ts';
import { markReady } from './ready.ts';
import { createOnlineWriter } from './writer.ts';

// Minutes before midnight before 29 February: all levels turn soon.
const origin = Date.UTC(2024, 1, 28, 23, 58, 0);

const accumulators: readonly AggregateShape[] = [
  { function: 'countRows' },
  { function: 'sum', input: 'x' },
  { function: 'last', input: 'x', where: (row) => row[1] !== 3 },
  { function: 'max', input: 'x' },
];

const windowLengths = [1, 2, 30, 61, 90, 119, 120, 150, 599, 3_600, 7_199, 7_200, 43_200, 86_400, 604_800, 2_592_000];

const viewArbitrary = fc
  .record({
    grainMillis: fc.constantFrom(second, 10 * second, minute),
    delayMillis: fc.constantFrom(0, 0, 1, 30 * second),
    latenessMillis: fc.constantFrom(minute, hour, day, 40 * day),
    windows: fc.array(fc.option(fc.constantFrom(...windowLengths), { nil: null }), { minLength: 1, maxLength: 3 }),
    hasId: fc.boolean(),
  })
  .map(({ grainMillis, delayMillis, latenessMillis, windows, hasId }) => {
    const features = windows.flatMap((seconds): FeatureShape[] => {
      const windowMillis = seconds === null ? null : Math.max(seconds * second, grainMillis);
      return [
        ...accumulators.map((_, accumulator) => ({ accumulator, windowMillis })),
        { numerator: 1, denominator: 0, windowMillis },
      ];
    });
    const fields = [
      { name: 'key', type: text },
      { name: 'x', type: int64 },
      { name: 'id', type: int64 },
    ];
    const source = eventSourceOf({ fields, latenessMillis, ...(hasId ? { eventId: 'id' } : {}) });
    return aggregateViewOf({ source, accumulators, features, grainMillis, delayMillis });
  });

interface Draw {
  readonly pause: number;
  readonly lag: number;
  readonly partition: number;
  readonly x: number | null;
  readonly id: number;
  /** Moves the event to the last millisecond of its hour, or to the first of its day. */
  readonly snap: 'hourEnd' | 'dayStart' | null;
  /** Repeats id and event time of the record this far back; its arrival may be the last that is not late. */
  readonly repeat: { readonly back: number; readonly isOnTheLine: boolean } | null;
}

const drawArbitrary: fc.Arbitrary<Draw> = fc.record({
  pause: fc.oneof(
    fc.constantFrom(0, 1, 500, second, minute, hour, 9 * hour, day),
    fc.nat(3 * minute),
    fc.nat(3 * minute),
    fc.nat(3 * day),
  ),
  lag: fc.oneof(fc.constantFrom(0, -5 * minute, -5 * minute - 1, second, minute, hour, day, day + 1), fc.nat(2 * day)),
  partition: fc.nat(1),
  x: fc.option(fc.constantFrom(3, -7, 0, 2 ** 53 - 1), { nil: null }),
  id: fc.nat(2),
  snap: fc.option(fc.constantFrom('hourEnd' as const, 'dayStart' as const), { nil: null, freq: 3 }),
  repeat: fc.option(fc.record({ back: fc.nat(4), isOnTheLine: fc.boolean() }), { nil: null, freq: 3 }),
});

/** Arrivals never decrease; offsets run per partition; equal ids share a partition. */
function recordsOf(view: CompiledView, draws: readonly Draw[]): SourceRecord[] {
  const offsets = [0, 0];
  const hasId = view.source.definition.kind === 'events' && view.source.definition.eventId !== undefined;
  let arrival = origin;
  const records: SourceRecord[] = [];
  for (const { pause, lag, partition: drawn, x, id: drawnId, snap, repeat } of draws) {
    const first = repeat === null ? undefined : records[records.length - 1 - repeat.back];
    const line = first === undefined ? 0 : first.eventTime + view.source.latenessMillis;
    arrival = repeat?.isOnTheLine === true && line >= arrival ? line : arrival + pause;
    const id = first === undefined ? drawnId : Number(first.values[2]);
    const partition = hasId ? id % 2 : drawn;
    const eventTime = first === undefined ? snapped(arrival - lag, snap) : first.eventTime;
    records.push(
      recordOf({
        eventTime,
        knownTime: arrival,
        partition,
        offset: offsets[partition]!++,
        eventId: hasId ? id : null,
        values: ['a', x, id],
      }),
    );
  }
  return records;
}

function snapped(instant: Instant, snap: Draw['snap']): Instant {
  if (snap === null) return instant;
  return snap === 'hourEnd' ? floorTo(instant, hour) + hour - 1 : floorTo(instant, day);
}

const inPlaceOrder = (records: readonly SourceRecord[]) =>
  [...records].sort((a, b) => a.partition - b.partition || a.offset - b.offset);

/** Without the event ids beside them, which stand in the order of their coming. */
function statesOf({ values }: MapOnlineStore): Map<string, Uint8Array> {
  return new Map([...values].filter(([key]) => key.startsWith('f:')));
}

async function readingAt(view: CompiledView, batches: readonly (readonly SourceRecord[])[], at: Instant) {
  const store = createMapOnlineStore();
  const clock = { now: () => at, readInstant: () => at };
  await markReady(store, view);
  for (const batch of batches) {
    // A new writer each time: a restart.
    await createOnlineWriter({ store, clock }).apply(view, groupByKey(view, batch));
  }
  const { readings } = await createOnlineReader({ store, clock }).read([{ view, key: ['a'] }], at);
  return { reading: readings[0]!, store };
}

describe('windowed aggregates online', () => {
  it('equal the oracle however the records are split into batches and whenever they are read', async () => {
    await fc.assert(
      fc.asyncProperty(
        viewArbitrary,
        fc.array(drawArbitrary, { minLength: 1, maxLength: 25 }),
        fc.array(fc.nat(24), { maxLength: 5 }),
        fc.oneof(
          fc.constantFrom(0, -minute, -1, 1, second, minute, hour, day),
          fc.integer({ min: -minute, max: 9 * day }),
        ),
        async (view, draws, cuts, wait) => {
          const records = recordsOf(view, draws);
          const at = records[records.length - 1]!.knownTime + wait;
          const bounds = [0, ...cuts.sort((a, b) => a - b), records.length];
          const batches = bounds.slice(1).map((end, i) => records.slice(bounds[i], end));
          const expected = oracleRead(view, inPlaceOrder(records), {
            key: ['a'],
            t: at,
            knownAt: Number.MAX_SAFE_INTEGER,
            mode: 'AS_SERVED',
          });
          const split = await readingAt(view, batches, at);
          expect(split.reading).toEqual(expected);
          const whole = await readingAt(view, [inPlaceOrder(records)], at);
          expect(whole.reading).toEqual(expected);
          expect(statesOf(split.store)).toEqual(statesOf(whole.store));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('do not change when records are delivered again, in any batches', async () => {
    await fc.assert(
      fc.asyncProperty(
        viewArbitrary,
        fc.array(drawArbitrary, { minLength: 2, maxLength: 15 }),
        fc.nat(14),
        async (view, draws, from) => {
          const records = recordsOf(view, draws);
          const at = records[records.length - 1]!.knownTime;
          const once = await readingAt(view, [records], at);
          const again = await readingAt(view, [records.slice(0, from + 1), records, records.slice(from), records], at);
          expect(statesOf(again.store)).toEqual(statesOf(once.store));
          expect(again.reading).toEqual(once.reading);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('do not depend on how evenly the partitions are consumed', async () => {
    await fc.assert(
      fc.asyncProperty(
        viewArbitrary,
        fc.array(drawArbitrary, { minLength: 2, maxLength: 20 }),
        fc.array(fc.nat(1), { minLength: 20, maxLength: 20 }),
        async (view, draws, turns) => {
          const records = recordsOf(view, draws);
          const at = Math.max(...records.map(({ knownTime }) => knownTime));
          const queues = [0, 1].map((partition) => records.filter((record) => record.partition === partition));
          const batches = turns.flatMap((turn) => {
            const next = queues[turn]!.shift();
            return next === undefined ? [] : [[next]];
          });
          const uneven = await readingAt(view, [...batches, ...queues], at);
          const even = await readingAt(view, [records], at);
          expect(uneven.reading).toEqual(even.reading);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('are the worked example of SEMANTICS.md', async () => {
    const example = Date.UTC(2024, 4, 1, 10);
    const source = eventSourceOf({
      fields: [
        { name: 'key', type: text },
        { name: 'x', type: { kind: 'decimal', precision: 10, scale: 2 } },
      ],
      latenessMillis: hour,
    });
    const view = aggregateViewOf({
      source,
      accumulators: [
        { function: 'countRows' },
        { function: 'count', input: 'x' },
        { function: 'sum', input: 'x' },
        { function: 'avg', input: 'x' },
      ],
      features: [0, 1, 2, 3].map((accumulator) => ({ accumulator, windowMillis: hour })),
    });
    const rows: [number, string | null, number][] = [
      [0, '1.10', 0],
      [59_500, '2.20', 59_500],
      [60_000, null, 60_000],
      [30 * minute, '0.10', 2 * hour],
    ];
    const records = rows.map(([time, x, arrival], offset) =>
      recordOf({ eventTime: example + time, knownTime: example + arrival, offset, values: ['a', x] }),
    );
    const timely = records.slice(0, 3);
    const valuesAt = async (at: number) => (await readingAt(view, [timely], example + at)).reading.values;
    expect(await valuesAt(60_000)).toEqual([2, 2, '3.30', 1.65]);
    expect(await valuesAt(60_001)).toEqual([2, 2, '3.30', 1.65]);
    expect(await valuesAt(61_000)).toEqual([3, 2, '3.30', 1.65]);
    expect(await valuesAt(hour + 30_000)).toEqual([3, 2, '3.30', 1.65]);
    expect(await valuesAt(hour + 60_000)).toEqual([1, 0, null, null]);
    const { reading } = await readingAt(view, [records], example + 2 * hour);
    expect(reading).toMatchObject({ status: 'NOT_FOUND', eventTime: null, values: [0, 0, null, null] });
  });

  it('count an event of the day at which the lifetime base ends once', async () => {
    const midnight = Date.UTC(2024, 2, 1);
    const view = aggregateViewOf({ accumulators, features: [{ accumulator: 0, windowMillis: null }] });
    const records = [-minute, 10 * second, 2 * minute].map((time, offset) =>
      recordOf({ eventTime: midnight + time, offset, values: ['a', 1] }),
    );
    const { reading } = await readingAt(
      view,
      records.map((record) => [record]),
      midnight + 3 * minute,
    );
    expect(reading.values).toEqual([3]);
  });
});
