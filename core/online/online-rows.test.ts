import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMapOnlineStore } from '../../test/doubles/map-online-store.ts';
import { aggregateViewOf, int64, recordOf, rowSourceOf, rowViewOf, text } from '../../test/doubles/views.ts';
import type { SourceRecord } from '../definitions/compiled.ts';
import { oracleRead } from '../oracle/read.ts';
import { hour, minute } from '../time/windows.ts';
import { groupByKey } from './group-by-key.ts';
import { createOnlineReader } from './reader.ts';
import { markReady } from './ready.ts';
import { decodeRowState } from './row-codec.ts';
import { createOnlineWriter } from './writer.ts';

const origin = Date.UTC(2024, 5, 1);
const source = rowSourceOf([
  { name: 'key', type: text },
  { name: 'x', type: int64 },
  { name: 'note', type: text },
]);

const rowArbitrary = fc.record({
  eventTime: fc.nat(8).map((step) => origin + step * minute),
  knownTime: fc.nat(8).map((step) => origin + step * minute),
  origin: fc.constantFrom('a.csv', 'b.csv'),
  offset: fc.nat(3),
  deleted: fc.oneof(fc.constant(false), fc.boolean()),
  x: fc.option(fc.integer(), { nil: null }),
});

/** One record for each place, as in any log. */
function recordsOf(draws: readonly (typeof rowArbitrary extends fc.Arbitrary<infer R> ? R : never)[]): SourceRecord[] {
  const byPlace = new Map<string, SourceRecord>();
  for (const { x, ...draw } of draws) {
    byPlace.set(`${draw.origin}/${draw.offset}`, recordOf({ ...draw, values: ['k', x, null] }));
  }
  return [...byPlace.values()];
}

describe('row views online', () => {
  it('equal the oracle at every instant from the last write on, in any order of arrival', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(rowArbitrary, { minLength: 1, maxLength: 12 }),
        fc.array(fc.nat(6 * minute), { maxLength: 12 }),
        fc.boolean(),
        fc.record({
          maxAgeMillis: fc.constantFrom(undefined, 2 * minute),
          retentionMillis: fc.constantFrom(undefined, 4 * minute),
        }),
        async (draws, waits, knownAt, { maxAgeMillis, retentionMillis }) => {
          const view = rowViewOf({
            source,
            features: ['x', 'note'],
            knownAt,
            ...(maxAgeMillis === undefined ? {} : { maxAgeMillis }),
            ...(retentionMillis === undefined ? {} : { retentionMillis }),
          });
          const records = recordsOf(draws);
          const store = createMapOnlineStore();
          await markReady(store, view);
          let now = origin;
          const clock = { now: () => now, readInstant: () => now };
          const reader = createOnlineReader({ store, clock });
          for (const [i, record] of records.entries()) {
            now += waits[i] ?? 0;
            await createOnlineWriter({ store, clock }).apply(view, groupByKey(view, [record]));
            const sofar = records.slice(0, i + 1);
            for (const t of [now, now + 1, now + minute, now + 3 * minute, now + hour]) {
              const { readings } = await reader.read([{ view, key: ['k'] }], t);
              expect(readings[0]).toEqual(oracleRead(view, sofar, { key: ['k'], t, knownAt: t, mode: 'AS_SERVED' }));
            }
          }
          const before = new Map(store.values);
          await createOnlineWriter({ store, clock }).apply(view, groupByKey(view, records));
          expect(store.values).toEqual(before);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('expire and vanish 1 ms beyond maxAge and retention, not at them', async () => {
    const view = rowViewOf({ source, features: ['x'], maxAgeMillis: minute, retentionMillis: hour });
    const store = createMapOnlineStore();
    await markReady(store, view);
    const clock = { now: () => origin, readInstant: () => origin };
    const record = recordOf({ eventTime: origin, values: ['k', 5, null] });
    await createOnlineWriter({ store, clock }).apply(view, groupByKey(view, [record]));
    const read = async (age: number, maxAgeMillis: number | null = null) => {
      const requests = [{ view, key: ['k'], maxAgeMillis }];
      return (await createOnlineReader({ store, clock }).read(requests, origin + age)).readings[0]!;
    };
    expect(await read(minute)).toMatchObject({ status: 'PRESENT', values: [5] });
    expect(await read(minute + 1)).toMatchObject({ status: 'EXPIRED', values: [null], eventTime: origin });
    expect(await read(hour)).toMatchObject({ status: 'EXPIRED' });
    expect(await read(hour + 1)).toMatchObject({ status: 'NOT_FOUND', eventTime: null });
    expect(await read(1_001, 1_000)).toMatchObject({ status: 'EXPIRED' });
    expect(await read(minute + 1, hour)).toMatchObject({ status: 'EXPIRED' });
  });

  it('keep only what can still win: one row once all are visible', async () => {
    const view = rowViewOf({ source, features: ['x'] });
    const store = createMapOnlineStore();
    const clock = { now: () => origin + hour, readInstant: () => origin + hour };
    const records = Array.from({ length: 50 }, (_, offset) =>
      recordOf({ eventTime: origin + offset, offset, values: ['k', offset, null] }),
    );
    await createOnlineWriter({ store, clock }).apply(view, groupByKey(view, records));
    const [stored] = [...store.values.values()];
    expect(stored!.length).toBeLessThan(60);
    const reader = createOnlineReader({ store, clock });
    await markReady(store, view);
    await expect(reader.read([{ view, key: ['k'] }], origin + 10)).rejects.toThrow(/asOf/);
  });

  it('keep a few of what changed a moment ago, and say of what they have dropped that they do not know it', async () => {
    const view = rowViewOf({ source, features: ['x'] });
    const drawn = fc.array(fc.array(fc.nat(2_000), { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 6 });
    const instantAt = (millis: number): number => origin + millis;
    const refusals = { known: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(drawn, fc.array(fc.nat(3_000), { minLength: 6, maxLength: 6 }), async (batches, instants) => {
        const store = createMapOnlineStore();
        await markReady(store, view);
        const writer = createOnlineWriter({ store, clock: { now: () => instantAt(1_000) } });
        const records: SourceRecord[] = [];
        for (const times of batches) {
          const batch = times.map((millis, i) =>
            recordOf({
              eventTime: instantAt(millis),
              offset: records.length + i,
              values: ['k', records.length + i, null],
            }),
          );
          records.push(...batch);
          await writer.apply(view, groupByKey(view, batch));
        }
        const expected = (t: number) => oracleRead(view, records, { key: ['k'], t, knownAt: t, mode: 'AS_SERVED' });
        const readBy = (lagging: number, at?: number) => {
          const clock = { readInstant: (newest = 0) => Math.max(newest, lagging) };
          return createOnlineReader({ store, clock }).read([{ view, key: ['k'] }], at);
        };
        for (const t of instants.map(instantAt)) {
          const lagging = await readBy(t);
          expect(lagging.readings[0]).toEqual(expected(lagging.readAt));
          const asked = await readBy(t, t).catch((error: Error) => error);
          if (asked instanceof Error) {
            expect(asked.message).toMatch(/asOf/);
            expect(t).toBeLessThan(instantAt(1_000));
            expect(lagging.readAt).toBeGreaterThan(t);
            refusals.refused++;
          } else {
            expect(asked.readings[0]).toEqual(expected(t));
            expect(lagging.readAt).toBe(t);
            refusals.known++;
          }
        }
        const visible = records.filter(({ eventTime }) => eventTime <= instantAt(1_000)).length;
        const [value] = [...store.values].filter(([key]) => !key.includes('ready')).map(([, bytes]) => bytes);
        expect(decodeRowState(view, value!).rows.length).toBeLessThanOrEqual(9 + records.length - visible);
      }),
      { numRuns: 300 },
    );
    expect(Math.min(refusals.known, refusals.refused)).toBeGreaterThan(100);
  });
});

describe('the online reader', () => {
  const rows = rowViewOf({ source, features: ['x', 'note'], defaultValue: 7 });
  const windows = aggregateViewOf({
    accumulators: [{ function: 'countRows' }, { function: 'sum', input: 'x' }],
    features: [
      { accumulator: 0, windowMillis: hour },
      { accumulator: 1, windowMillis: hour },
    ],
  });
  const aggregates = { ...windows, name: 'windows' };
  const clock = { now: () => origin, readInstant: (newest = 0) => Math.max(newest, origin) };

  it('makes one getMany of everything, ready markers included', async () => {
    const store = createMapOnlineStore();
    const requests = ['a', 'b', 'c'].flatMap((key) => [rows, aggregates].map((view) => ({ view, key: [key] })));
    const { readings } = await createOnlineReader({ store, clock }).read(requests);
    expect(store.calls.getMany).toBe(1);
    expect(readings.map(({ status }) => status)).toEqual(requests.map(() => 'NOT_READY'));
    expect(readings[0]).toMatchObject({ values: [7, 7], defaulted: [true, true], eventTime: null });
  });

  it('answers unseen keys and keys with a NULL part', async () => {
    const store = createMapOnlineStore();
    for (const view of [rows, aggregates]) await markReady(store, view);
    const { readings } = await createOnlineReader({ store, clock }).read([
      { view: rows, key: ['unseen'] },
      { view: aggregates, key: ['unseen'] },
      { view: aggregates, key: [null] },
    ]);
    expect(readings[0]).toMatchObject({ status: 'NOT_FOUND', statuses: ['NOT_FOUND', 'NOT_FOUND'] });
    expect(readings[1]).toMatchObject({ status: 'NOT_FOUND', values: [0, null], statuses: ['PRESENT', 'NULL'] });
    expect(readings[2]).toMatchObject({ status: 'NOT_FOUND', statuses: ['NOT_FOUND', 'NOT_FOUND'] });
  });

  it('reads the chosen features in the order asked for, repeated if need be', async () => {
    const store = createMapOnlineStore();
    await markReady(store, rows);
    const record = recordOf({ eventTime: origin, values: ['k', 2n ** 60n, 'hé'] });
    await createOnlineWriter({ store, clock }).apply(rows, groupByKey(rows, [record]));
    const { readings } = await createOnlineReader({ store, clock }).read([
      { view: rows, key: ['k'], features: [1, 0, 1] },
    ]);
    expect(readings[0]!.values).toEqual(['hé', 2n ** 60n, 'hé']);
  });

  it('reads at the newest applied arrival when the clock lags behind it', async () => {
    const store = createMapOnlineStore();
    await markReady(store, aggregates);
    const record = recordOf({ eventTime: origin + minute, values: ['k', 1] });
    await createOnlineWriter({ store, clock }).apply(aggregates, groupByKey(aggregates, [record]));
    const reader = createOnlineReader({ store, clock });
    expect((await reader.read([{ view: aggregates, key: ['k'] }])).readAt).toBe(origin + minute);
    await expect(reader.read([{ view: aggregates, key: ['k'] }], origin - 1)).rejects.toThrow(/asOf/);
    expect((await reader.read([{ view: aggregates, key: ['k'] }], origin)).readAt).toBe(origin);
  });

  it('refuses maxAge on aggregates and keys of the wrong length', async () => {
    const reader = createOnlineReader({ store: createMapOnlineStore(), clock });
    await expect(reader.read([{ view: aggregates, key: ['k'], maxAgeMillis: 1 }])).rejects.toThrow(/never expire/);
    await expect(reader.read([{ view: aggregates, key: [] }])).rejects.toThrow(/expected 1 \(key\)/);
  });

  it('refuses a value that another definition wrote', async () => {
    const store = createMapOnlineStore();
    await markReady(store, rows);
    const record = recordOf({ eventTime: origin, values: ['k', 1, null] });
    await createOnlineWriter({ store, clock }).apply({ ...rows, hash: 'other' }, groupByKey(rows, [record]));
    const reader = createOnlineReader({ store, clock });
    await expect(reader.read([{ view: rows, key: ['k'] }])).rejects.toThrow(/another definition/);
  });
});
