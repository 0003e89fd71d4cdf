import { columnsOf } from '../aggregates/columns.ts';
import type { AccumulatorKernel, ColumnCodec } from '../aggregates/kernel.ts';
import { kernelFor } from '../aggregates/kernel-for.ts';
import type { CompiledView } from '../definitions/compiled.ts';
import { eventIdType } from '../records/normalize.ts';
import { day, floorTo, hopOf, minute, tileLevels } from '../time/windows.ts';
import type { Instant, ValueType } from '../values/types.ts';

/** S: how far a read may lie behind the newest applied arrival. */
export const readSlackMillis = minute;

/** One length of tiles that a view version keeps. */
export interface TileLevel {
  readonly millis: number;
  /** A tile is kept while it ends after H − this. */
  readonly keepMillis: number;
  /** The accumulators that have a window whose hop is not below this level: only those read it. */
  readonly accumulators: readonly number[];
}

/** What a view version keeps online, worked out once. */
export interface TilePlan {
  readonly view: CompiledView;
  readonly kernels: readonly AccumulatorKernel[];
  /** How the states of each accumulator are stored. */
  readonly columns: readonly ColumnCodec<unknown>[];
  /** Ascending, from the grain to the largest hop; all of them with lifetime. */
  readonly levels: readonly TileLevel[];
  /** Of each accumulator: the index of its last level. */
  readonly lastLevels: readonly number[];
  /** The accumulators of lifetime features; null = the view has none, and no base. */
  readonly lifetime: readonly number[] | null;
  /** null = lifetime. */
  readonly longestWindow: number | null;
  /** null = dedupe by place. */
  readonly idType: ValueType | null;
}

interface WindowUse {
  readonly accumulator: number;
  readonly windowMillis: number | null;
}

const plans = new WeakMap<CompiledView, TilePlan>();

export function tilePlanOf(view: CompiledView): TilePlan {
  let plan = plans.get(view);
  if (plan === undefined) {
    plan = createTilePlan(view);
    plans.set(view, plan);
  }
  return plan;
}

function createTilePlan(view: CompiledView): TilePlan {
  const uses = view.features.flatMap((feature): WindowUse[] => {
    if (!('windowMillis' in feature)) return [];
    const { windowMillis } = feature;
    const accumulators = feature.kind === 'ratio' ? [feature.numerator, feature.denominator] : [feature.accumulator];
    return accumulators.map((accumulator) => ({ accumulator, windowMillis }));
  });
  const windows = uses.flatMap(({ windowMillis }) => (windowMillis === null ? [] : [windowMillis]));
  const hasLifetime = uses.some(({ windowMillis }) => windowMillis === null);
  const hopOfUse = ({ windowMillis }: WindowUse) =>
    windowMillis === null ? day : hopOf(windowMillis, view.grainMillis);
  const largestHop = Math.max(view.grainMillis, ...uses.map(hopOfUse));
  const lengths = tileLevels.filter((millis) => millis >= view.grainMillis && millis <= largestHop);
  const largestHops = view.accumulators.map((_, accumulator) =>
    Math.max(0, ...uses.filter((use) => use.accumulator === accumulator).map(hopOfUse)),
  );
  const levels = lengths.map((millis, i): TileLevel => {
    const reach = windows
      .filter((window) => hopOf(window, view.grainMillis) <= millis)
      .map((window) => window + hopOf(window, view.grainMillis));
    return {
      millis,
      keepMillis: Math.max(lengths[i + 1] ?? 0, ...reach),
      accumulators: largestHops.flatMap((hop, accumulator) => (hop >= millis ? [accumulator] : [])),
    };
  });
  const kernels = view.accumulators.map((accumulator) => kernelFor(accumulator, view.source));
  const lifetime = uses.flatMap((use) => (use.windowMillis === null ? [use.accumulator] : []));
  return {
    view,
    kernels,
    columns: kernels.map(columnsOf),
    levels,
    lastLevels: largestHops.map((hop) => Math.max(0, lengths.filter((millis) => millis <= hop).length - 1)),
    lifetime: hasLifetime ? [...new Set(lifetime)].sort((a, b) => a - b) : null,
    longestWindow: hasLifetime ? null : Math.max(...windows),
    idType: eventIdType(view.source),
  };
}

/**
 * How far before the newest known time of a key's records one of them must have happened to be kept at no level: the
 * state without it, were it built from nothing, is read as the same. null = every record matters.
 */
export function reachOf(view: CompiledView): number | null {
  if (view.kind === 'rows') return null;
  const { levels, lifetime } = tilePlanOf(view);
  if (lifetime !== null) return null;
  const kept = Math.max(...levels.map(({ millis, keepMillis }) => millis + keepMillis));
  return readSlackMillis + view.delayMillis + view.grainMillis + kept;
}

/** H: no read that is answered ends a window before it. */
export function horizonOf({ view }: TilePlan, newestArrival: Instant): Instant {
  return floorTo(newestArrival - readSlackMillis - view.delayMillis, view.grainMillis);
}
