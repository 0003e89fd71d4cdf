import type { Instant } from '../values/types.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Windows shorter than the first of a pair move by the second; longer ones by a day. */
const hops: readonly (readonly [number, number])[] = [
  [2 * minute, second],
  [10 * minute, 10 * second],
  [2 * hour, minute],
  [12 * hour, 10 * minute],
  [7 * day, hour],
  [30 * day, 6 * hour],
];

function roundDown(x: Instant, step: number): Instant {
  return Math.floor(x / step) * step;
}

/** The exclusive upper bound of every window at `t`. */
export function upperBound(t: Instant, delayMillis: number, grainMillis: number): Instant {
  return roundDown(t - delayMillis, grainMillis);
}

/** The inclusive lower bound of a window that ends at `upper`; −∞ for lifetime (null). */
export function lowerBound(upper: Instant, windowMillis: number | null, grainMillis: number): Instant {
  if (windowMillis === null) return Number.NEGATIVE_INFINITY;
  const hop = hops.find(([below]) => windowMillis < below)?.[1] ?? day;
  return roundDown(upper - windowMillis, Math.max(hop, grainMillis));
}
