import type { CompiledView } from '../../../core/definitions/compiled.ts';
import { hopOf, windowEnd, windowStart } from '../../../core/time/windows.ts';
import { integer } from '../quoting.ts';
import type { EventRange } from './events.ts';
import type { LoadedSpine } from './spine.ts';

/** The view's distinct windows in milliseconds, null = lifetime; the longest last. */
export function windowsOf(view: CompiledView): (number | null)[] {
  const lengths = view.features.flatMap((feature) => ('windowMillis' in feature ? [feature.windowMillis] : []));
  return [...new Set(lengths)].sort((a, b) => (a ?? Number.POSITIVE_INFINITY) - (b ?? Number.POSITIVE_INFINITY));
}

/** Below every event time. */
const beginning = -1;

/** `floorTo` of core/time/windows.ts in SQL. */
function floorToSql(sql: string, step: number): string {
  const m = integer(step);
  return `(${sql} - ((${sql} % ${m}) + ${m}) % ${m})`;
}

/** τ, the exclusive upper bound of every window of a row at time t. */
export function windowEndSql(view: CompiledView): string {
  return floorToSql(`(t - ${integer(view.delayMillis)})`, view.grainMillis);
}

/** The inclusive lower bound of a window that ends at `end`. */
export function windowStartSql(view: CompiledView, windowMillis: number | null, end: string): string {
  if (windowMillis === null) return `CAST(${integer(beginning)} AS BIGINT)`;
  return floorToSql(`(${end} - ${integer(windowMillis)})`, hopOf(windowMillis, view.grainMillis));
}

/** Event times that any row of the spine can need. */
export function eventRange(view: CompiledView, bounds: NonNullable<LoadedSpine['bounds']>): EventRange {
  const longest = windowsOf(view).at(-1) ?? null;
  const end = (t: number) => windowEnd(t, view.delayMillis, view.grainMillis);
  const from = longest === null ? beginning : windowStart(end(bounds.minTime), longest, view.grainMillis);
  return { from, to: end(bounds.maxTime) };
}
