import type { CompiledFeature, CompiledView } from '../definitions/compiled.ts';
import { typeText } from '../definitions/value-types.ts';
import { horizonOf, tilePlanOf } from '../online/tile-plan.ts';
import { eventIdType } from '../records/normalize.ts';
import { formatDuration } from '../time/duration.ts';
import { floorTo, hopOf, windowEnd, windowStart } from '../time/windows.ts';
import { formatInstant } from '../values/json.ts';
import type { Instant } from '../values/types.ts';
import { instantText } from './describe-record.ts';
import type { TileRun, WindowBounds } from './explanation.ts';

export type WindowedFeature = Extract<CompiledFeature, { readonly kind: 'aggregate' | 'ratio' }>;

/** The window of a feature at an instant. */
export interface FeatureWindow {
  /** null = lifetime. */
  readonly windowMillis: number | null;
  readonly hopMillis: number | null;
  /** −∞ for lifetime. */
  readonly start: Instant;
  /** τ. */
  readonly end: Instant;
  /**
   * The event times that an explanation looks at, half open: those of the window decide the value, and those of a hop
   * before it and up to the future tolerance after it show what it has just left, and what it will take in next.
   */
  readonly looked: { readonly start: Instant | null; readonly end: Instant };
}

export function windowAt(view: CompiledView, { windowMillis }: WindowedFeature, t: Instant): FeatureWindow {
  const { grainMillis, delayMillis, source } = view;
  const end = windowEnd(t, delayMillis, grainMillis);
  const lookedEnd = t + source.futureToleranceMillis + 1;
  if (windowMillis === null)
    return { windowMillis, hopMillis: null, start: -Infinity, end, looked: { start: null, end: lookedEnd } };
  const hopMillis = hopOf(windowMillis, grainMillis);
  const start = windowStart(end, windowMillis, grainMillis);
  return { windowMillis, hopMillis, start, end, looked: { start: start - hopMillis, end: lookedEnd } };
}

export function describeWindow(view: CompiledView, window: FeatureWindow): WindowBounds {
  const { windowMillis, hopMillis, start, end, looked } = window;
  const { definition, latenessMillis, futureToleranceMillis } = view.source;
  const idType = eventIdType(view.source);
  return {
    length: windowMillis === null ? 'lifetime' : formatDuration(windowMillis),
    start: instantText(start),
    end: formatInstant(end),
    hop: hopMillis === null ? null : formatDuration(hopMillis),
    grain: formatDuration(view.grainMillis),
    delay: formatDuration(view.delayMillis),
    lateness: formatDuration(latenessMillis),
    futureTolerance: formatDuration(futureToleranceMillis),
    eventId:
      definition.kind !== 'events' || definition.eventId === undefined || idType === null
        ? null
        : { column: definition.eventId, type: typeText(idType) },
    looked: { start: instantText(looked.start ?? -Infinity), end: formatInstant(looked.end) },
  };
}

/**
 * The tiles that a read at `t` merges for one accumulator, were everything applied that had arrived by then: those that
 * start within the window, of each length where no shorter ones are kept; for lifetime all of them, and the base.
 */
export function tilesRead(view: CompiledView, accumulator: number, window: FeatureWindow, t: Instant): TileRun[] {
  if (!view.online) return [];
  const plan = tilePlanOf(view);
  const horizon = horizonOf(plan, t);
  const runs: TileRun[] = [];
  let to = window.end;
  for (const { millis, keepMillis, accumulators } of plan.levels) {
    if (!accumulators.includes(accumulator)) break;
    const keptFrom = floorTo(horizon - keepMillis, millis);
    const from = Math.max(window.start, keptFrom);
    if (from < to) {
      const tiles = Math.ceil((to - from) / millis);
      runs.unshift({ level: formatDuration(millis), from: formatInstant(from), to: formatInstant(to), tiles });
    }
    to = Math.min(to, keptFrom);
  }
  if (window.windowMillis === null) runs.unshift({ level: 'base', from: null, to: formatInstant(to), tiles: 1 });
  return runs;
}
