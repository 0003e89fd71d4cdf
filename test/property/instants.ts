import fc from 'fast-check';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** The night in which most of Europe lost an hour, and a leap day's end: round in every unit. */
export const origin = Date.UTC(2024, 2, 31, 0, 0, 0);

const steps = [second, 10 * second, minute, 10 * minute, hour, 6 * hour, day];

/** On and around the boundaries of tiles, near the origin: half of all cases collide with another instant. */
export const boundaryInstant: fc.Arbitrary<number> = fc
  .record({
    step: fc.constantFrom(...steps),
    times: fc.integer({ min: -3, max: 3 }),
    seconds: fc.constantFrom(0, 0, 0, 1, 59, 119, 3_599),
    nudge: fc.constantFrom(0, 0, 0, 1, -1, 500, 999, -1_000, 1_000),
  })
  .map(({ step, times, seconds, nudge }) => origin + step * times + seconds * second + nudge);

export const windows = ['1s', '59s', '119s', '2m', '5m', '10m', '1h', '2h', '6h', '12h', '1d', '7d', '30d', 'lifetime'];

const unit: Readonly<Record<string, number>> = { s: second, m: minute, h: hour, d: day };

/** Milliseconds of "5m"; 0 for lifetime. */
export function millisOf(duration: string): number {
  if (duration === 'lifetime') return 0;
  if (duration.endsWith('ms')) return Number(duration.slice(0, -2));
  return Number(duration.slice(0, -1)) * unit[duration.slice(-1)]!;
}

export function text(instant: number): string {
  return new Date(instant).toISOString();
}

/** The ways in which files write one instant: Z, no offset, offsets, finer than a millisecond, as a number. */
export const notation: fc.Arbitrary<(instant: number) => string | number> = fc.constantFrom(
  text,
  text,
  text,
  (instant: number) => text(instant).replace('T', ' ').replace('Z', ''),
  (instant: number) => text(instant + 2 * hour).replace('Z', '+02:00'),
  (instant: number) => text(instant - 9.5 * hour).replace('Z', '-0930'),
  (instant: number) => text(instant).replace('Z', '999999Z'),
  (instant: number) => instant,
);
