import { floorTo } from '../time/windows.ts';
import type { Instant } from '../values/types.ts';
import type { TileLevel } from './tile-plan.ts';

/** A half-open stretch of time covered by whole tiles of one level. */
export interface Stretch {
  readonly level: number;
  readonly from: Instant;
  readonly to: Instant;
}

/**
 * [start, end) by the largest aligned tiles of the levels up to `lastLevel`: ever longer ones from the start, then
 * ever shorter ones to the end. `start` is aligned to the window's hop, `end` to the shortest level.
 */
export function coverWindow(
  levels: readonly TileLevel[],
  lastLevel: number,
  start: Instant,
  end: Instant,
): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let position = start;
  const extend = (level: number, to: Instant) => {
    if (to > position) stretches.push({ level, from: position, to });
    position = Math.max(position, to);
  };
  let level = 0;
  for (; level < lastLevel; level++) {
    const { millis } = levels[level + 1]!;
    const aligned = -floorTo(-position, millis);
    if (aligned > floorTo(end, millis)) break;
    extend(level, aligned);
  }
  for (; level >= 0; level--) extend(level, floorTo(end, levels[level]!.millis));
  return stretches;
}
