import type { Instant } from '../values/types.ts';

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

/** Tile lengths from which a version uses those between its grain and its largest hop. */
export const tileLevels = [second, 10 * second, minute, 10 * minute, hour, 6 * hour, day] as const;

/** The greatest multiple of `step` that is not above `x`; floors toward −∞, never toward zero. */
export function floorTo(x: number, step: number): number {
  return x - (((x % step) + step) % step);
}

/** How far a window of this length moves at a time: its lower bound is aligned to this. At least the grain. */
export function hopOf(windowMillis: number, grainMillis: number): number {
  const hop =
    windowMillis < 2 * minute
      ? second
      : windowMillis < 10 * minute
        ? 10 * second
        : windowMillis < 2 * hour
          ? minute
          : windowMillis < 12 * hour
            ? 10 * minute
            : windowMillis < 7 * day
              ? hour
              : windowMillis < 30 * day
                ? 6 * hour
                : day;
  return Math.max(hop, grainMillis);
}

/** τ: the exclusive upper bound of every window read at `t`. */
export function windowEnd(t: Instant, delayMillis: number, grainMillis: number): Instant {
  return floorTo(t - delayMillis, grainMillis);
}

/** The inclusive lower bound of a window that ends at `end`. */
export function windowStart(end: Instant, windowMillis: number, grainMillis: number): Instant {
  return floorTo(end - windowMillis, hopOf(windowMillis, grainMillis));
}
