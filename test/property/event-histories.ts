import fc from 'fast-check';
import { boundaryInstant, millisOf, notation, text } from './instants.ts';

/** What rows look like in a case file. */
export type Row = Readonly<Record<string, unknown>>;

/** Keys that are easily confused: empty, with separators, one a prefix of the other, equal but for normalization. */
export const users = ['a', 'b', '', 'a|b', 'a%7cb', '{a}', '#', '\u0000', 'é', 'e\u0301', '\u{1F600}', '12', '1'];
/** As long as a store's key may be, and a little longer. */
export const longUsers = ['k'.repeat(400), 'k'.repeat(401), `${'k'.repeat(400)}l`];
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
/** Sums of quarters are exact in any order. */
const quarter = fc.integer({ min: -8, max: 8 }).map((x) => x / 4);

/** What the definitions say of the source, and its histories must fit. */
export interface EventSettings {
  readonly lateness: string;
  readonly futureTolerance: string;
  readonly idType: 'int64' | 'string' | null;
  /**
   * Rows in the order of arrival with offsets, as a log has them; or as a file may have them, in any order and without
   * offsets (where dedupe is by place: equal ids in such a file are no history that a log could have).
   */
  readonly order: 'logged' | 'any';
}

export const eventSettings: fc.Arbitrary<EventSettings> = fc.record({
  lateness: fc.constantFrom('0s', '10s', '1h', '1d', '3d'),
  futureTolerance: fc.constantFrom('0s', '5m'),
  idType: fc.constantFrom('int64', 'string', null),
  order: fc.constantFrom('logged', 'logged', 'any'),
});

const textIds = ['', '1', '10', '2', 'é', 'e\u0301', '\u{1F600}', '\uFFFD'];

export interface DrawnEvent {
  readonly at: number;
  readonly delay: number;
  readonly id: number;
  readonly partition: number;
  readonly write: (instant: number) => string | number;
  readonly values: Row;
}

/** Events of one world: repeats, ties, late and future events are frequent. */
export function eventsOf({ lateness, futureTolerance }: EventSettings): fc.Arbitrary<readonly DrawnEvent[]> {
  const event = fc.record({
    at: boundaryInstant,
    id: fc.nat({ max: textIds.length - 1 }),
    partition: fc.integer({ min: 0, max: 2 }),
    write: notation,
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
    values: fc.record({
      user: fc.oneof(
        { weight: 5, arbitrary: fc.constantFrom('a', 'a', 'b') },
        { weight: 1, arbitrary: nullable(fc.constantFrom(...users)) },
        { weight: 1, arbitrary: fc.constantFrom(...longUsers) },
      ),
      shop: nullable(fc.constantFrom(...shops)),
      day: nullable(fc.constantFrom('2024-03-30', '2024-03-31T02:30:00+01:00', '1970-01-01')),
      price: nullable(fc.constantFrom('1', '1.00', '-0.00', '0', '12345678901234567890.12')),
      tag: nullable(fc.constantFrom('x', 'y', 'Z', 'é')),
      x: nullable(integers),
      d: nullable(decimals),
      s: nullable(texts),
      f: nullable(fc.constantFrom(0, -0, 0.1, 0.2, -2.5, 1e16, 1e300, 3)),
      w: nullable(boundaryInstant.map(text)),
      ok: nullable(fc.boolean()),
      v: nullable(fc.array(nullable(quarter), { minLength: 2, maxLength: 3 })),
      l: nullable(fc.array(nullable(fc.constantFrom(0, -1, '9007199254740993')), { maxLength: 2 })),
    }),
  });
  const repeat = fc.record({ of: fc.nat(), later: fc.constantFrom(0, 0, 1, 1_000, 60_000, 3_600_000) });
  return fc
    .record({ events: fc.array(event, { maxLength: 22 }), repeats: fc.array(repeat, { maxLength: 3 }) })
    .map(({ events, repeats }) => (events.length === 0 ? [] : [...events, ...repeats.map(repeated(events))]));
}

/** The same event once more, delivered at the same time or later. */
function repeated(events: readonly DrawnEvent[]) {
  return ({ of, later }: { readonly of: number; readonly later: number }): DrawnEvent => {
    const event = events[of % events.length]!;
    return { ...event, delay: event.delay + later };
  };
}

/** When something about these events may change. */
export function instantsOf(events: readonly DrawnEvent[]): readonly number[] {
  return events.flatMap(({ at, delay }) => [at, at + delay]);
}

/**
 * All worlds' events as one log holds them (arrivals never decrease along a partition, equal ids share one), or as a file
 * does.
 */
export function placed(worlds: readonly (readonly DrawnEvent[])[], { idType, order }: EventSettings): Row[] {
  const offsets = new Map<number, number>();
  const events = worlds.flatMap((drawn, world) => drawn.map((event) => ({ ...event, world })));
  if (idType === null && order === 'any') {
    return events.map(({ at, delay, world, id, write, partition, values }) => ({
      world,
      ...values,
      id,
      at: write(at),
      ...(delay === 0 ? {} : { __arrival: text(at + delay) }),
      ...(partition === 0 ? {} : { __partition: partition }),
    }));
  }
  return events
    .sort((a, b) => a.at + a.delay - (b.at + b.delay))
    .map(({ at, delay, world, id, write, partition: drawn, values }) => {
      const partition = idType === null ? drawn : id % 3;
      const offset = (offsets.get(partition) ?? -1) + 1;
      offsets.set(partition, offset);
      return {
        world,
        ...values,
        id: idType === 'string' ? textIds[id] : id,
        at: write(at),
        __arrival: text(at + delay),
        __partition: partition,
        __offset: offset,
      };
    });
}
