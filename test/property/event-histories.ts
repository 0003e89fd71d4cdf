import fc from 'fast-check';
import { boundaryInstant, millisOf, text } from './instants.ts';

/** What rows look like in a case file. */
export type Row = Readonly<Record<string, unknown>>;

/** Keys that are easily confused: empty, with separators, one a prefix of the other, equal but for normalization. */
export const users = ['a', 'b', '', 'a|b', 'é', 'e\u0301', '12', '1'];
export const shops = [1, 23, '9007199254740993', '9007199254740992', -1];

const integers = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -3, max: 6 }) },
  { weight: 1, arbitrary: fc.constantFrom(255, 256, 1_000, -257, 281_474_976_710_655, 281_474_976_710_656) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('9223372036854775807', '-9223372036854775808', '9007199254740993', 4_611_686_018_427),
  },
);
const decimals = fc.constantFrom(
  '0.001',
  '-0.001',
  '1',
  '0.1',
  '0.2',
  '1.0005',
  '999999999.999',
  '-999999999.999',
  '2.5',
);
const texts = fc.constantFrom('', 'a', 'b', 'B', 'é', '\u{1F600}', '\uFFFD', "a'b");
const nullable = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 5, nil: null });

const event = (lateness: string, futureTolerance: string) =>
  fc.record({
    at: boundaryInstant,
    user: fc.oneof({ weight: 5, arbitrary: fc.constantFrom('a', 'a', 'b') }, nullable(fc.constantFrom(...users))),
    shop: nullable(fc.constantFrom(...shops)),
    id: fc.integer({ min: 1, max: 8 }),
    tag: nullable(fc.constantFrom('x', 'y', 'Z', 'é')),
    x: nullable(integers),
    d: nullable(decimals),
    s: nullable(texts),
    f: nullable(fc.constantFrom(0, -0, 0.1, -2.5, 1e300, 3)),
    w: nullable(boundaryInstant.map(text)),
    ok: nullable(fc.boolean()),
    partition: fc.integer({ min: 0, max: 2 }),
    /** Mostly at once; else in flight for a while, just not too late, just too late, from ahead, from too far ahead. */
    delay: fc.constantFrom(
      0,
      0,
      0,
      1,
      30_000,
      3_600_000,
      millisOf(lateness),
      millisOf(lateness) + 1,
      -millisOf(futureTolerance),
      -millisOf(futureTolerance) - 1,
    ),
  });

export interface EventHistory {
  readonly lateness: string;
  readonly futureTolerance: string;
  readonly hasId: boolean;
  readonly rows: readonly Row[];
}

/**
 * Events as a log holds them: arrivals never decrease along a partition, equal ids share one. Repeats, ties, late and
 * future events are frequent.
 */
export const eventHistory: fc.Arbitrary<EventHistory> = fc
  .record({
    lateness: fc.constantFrom('0s', '10s', '1h', '1d'),
    futureTolerance: fc.constantFrom('0s', '5m'),
    hasId: fc.boolean(),
  })
  .chain((settings) =>
    fc
      .array(event(settings.lateness, settings.futureTolerance), { maxLength: 24 })
      .map((events) => ({ ...settings, rows: logged(events, settings.hasId) })),
  );

interface DrawnEvent {
  readonly at: number;
  readonly delay: number;
  readonly id: number;
  readonly partition: number;
}

function logged(events: readonly DrawnEvent[], hasId: boolean): Row[] {
  const offsets = new Map<number, number>();
  return [...events]
    .sort((a, b) => a.at + a.delay - (b.at + b.delay))
    .map(({ at, delay, partition: drawn, ...values }) => {
      const partition = hasId ? values.id % 3 : drawn;
      const offset = (offsets.get(partition) ?? -1) + 1;
      offsets.set(partition, offset);
      return { ...values, at: text(at), __arrival: text(at + delay), __partition: partition, __offset: offset };
    });
}
