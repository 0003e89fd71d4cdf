import type { CompiledView, ViewReading } from '../../../core/definitions/compiled.ts';
import { floorTo, hopOf, second, windowEnd, windowStart } from '../../../core/time/windows.ts';
import type { Instant } from '../../../core/values/types.ts';

/** When a reading may next differ although nothing is applied. */
export const never = Number.POSITIVE_INFINITY;

/**
 * The first instant after the reading at which time alone can change it: a window's lower bound moves on, or the row
 * becomes too old. `never` when it cannot.
 */
export function nextChangeByTime(view: CompiledView, reading: ViewReading, maxAgeMillis: number | null): Instant {
  // Nothing is published when a backfill ends.
  if (reading.status === 'NOT_READY') return reading.readAt + second;
  if (view.kind === 'rows') {
    if (reading.eventTime === null) return never;
    const limits = [maxAgeMillis, view.retentionMillis].flatMap((limit) => limit ?? []);
    const ends = limits.map((limit) => reading.eventTime! + limit + 1).filter((end) => end > reading.readAt);
    return Math.min(never, ...ends);
  }
  // A key without a counting event in its longest window stays as it is until one is applied.
  if (reading.status === 'NOT_FOUND') return never;
  const end = windowEnd(reading.readAt, view.delayMillis, view.grainMillis);
  const moves = windowLengths(view).map((length) => {
    const bound = windowStart(end, length, view.grainMillis) + hopOf(length, view.grainMillis);
    return -floorTo(-(bound + length), view.grainMillis) + view.delayMillis;
  });
  return Math.min(never, ...moves);
}

function windowLengths(view: CompiledView): number[] {
  const lengths = view.features.flatMap((feature) => ('windowMillis' in feature ? (feature.windowMillis ?? []) : []));
  return [...new Set(lengths)];
}
