import type { CompiledFeature, CompiledView } from '../definitions/compiled.ts';
import { typeText } from '../definitions/value-types.ts';
import { coverWindow } from '../online/tile-cover.ts';
import { horizonOf, tilePlanOf } from '../online/tile-plan.ts';
import { eventIdType } from '../records/normalize.ts';
import { formatDuration } from '../time/duration.ts';
import { day, floorTo, hopOf, windowEnd, windowStart } from '../time/windows.ts';
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
 * The tiles that a read at `t` merges for one accumulator, were everything applied that had arrived by then: for
 * lifetime the base, which ends at the last whole day before the horizon, and what follows it.
 */
export function tilesRead(view: CompiledView, accumulator: number, window: FeatureWindow, t: Instant): TileRun[] {
  if (!view.online) return [];
  const plan = tilePlanOf(view);
  const { windowMillis, start, end } = window;
  const baseEnd = windowMillis === null ? floorTo(horizonOf(plan, t), day) : null;
  const base: TileRun[] = baseEnd === null ? [] : [{ level: 'base', from: null, to: formatInstant(baseEnd), tiles: 1 }];
  const runs = coverWindow(plan.levels, plan.lastLevels[accumulator]!, baseEnd ?? start, end);
  return [
    ...base,
    ...runs.map(({ level, from, to }): TileRun => {
      const { millis } = plan.levels[level]!;
      const tiles = (to - from) / millis;
      return { level: formatDuration(millis), from: formatInstant(from), to: formatInstant(to), tiles };
    }),
  ];
}
