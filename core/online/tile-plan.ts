import { columnsOf } from '../aggregates/columns.ts';
import type { AccumulatorKernel, ColumnCodec } from '../aggregates/kernel.ts';
import { kernelFor } from '../aggregates/kernel-for.ts';
import type { CompiledView } from '../definitions/compiled.ts';
import { eventIdType } from '../records/normalize.ts';
import { floorTo, hopOf, minute } from '../time/windows.ts';
import type { Instant, ValueType } from '../values/types.ts';

/** S: how far a read may lie behind the newest applied arrival. */
export const readSlackMillis = minute;

/** One length of tiles that a view version keeps. */
export interface TileLevel {
  readonly millis: number;
  /** A tile is kept while it ends after H − this. Grows with the length. */
  readonly keepMillis: number;
  /** The accumulators that have a window whose hop is not below this level: only those are kept in it. */
  readonly accumulators: readonly number[];
  /** The other accumulators of lifetime features: at the times of this level they are in the base. */
  readonly inBase: readonly number[];
}

/** What a view version keeps online, worked out once. */
export interface TilePlan {
  readonly view: CompiledView;
  readonly kernels: readonly AccumulatorKernel[];
  /** How the states of each accumulator are stored. */
  readonly columns: readonly ColumnCodec<unknown>[];
  /** Ascending: the grain, and the hops of the windows. */
  readonly levels: readonly TileLevel[];
  /** The accumulators of lifetime features; without any there is no base. */
  readonly lifetime: readonly number[];
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
  const { grainMillis } = view;
  const uses = view.features.flatMap((feature): WindowUse[] => {
    if (!('windowMillis' in feature)) return [];
    const { windowMillis } = feature;
    const accumulators = feature.kind === 'ratio' ? [feature.numerator, feature.denominator] : [feature.accumulator];
    return accumulators.map((accumulator) => ({ accumulator, windowMillis }));
  });
  // Only where a window begins or ends must a tile: lifetime has an end alone, at the grain.
  const hop = (windowMillis: number | null) => (windowMillis === null ? grainMillis : hopOf(windowMillis, grainMillis));
  const windows = uses.flatMap(({ windowMillis }) => (windowMillis === null ? [] : [windowMillis]));
  const lifetime = unique(uses.flatMap((use) => (use.windowMillis === null ? [use.accumulator] : [])));
  const levels = unique([grainMillis, ...windows.map(hop)]).map((millis): TileLevel => {
    const accumulators = unique(uses.flatMap((use) => (hop(use.windowMillis) >= millis ? [use.accumulator] : [])));
    return {
      millis,
      keepMillis: Math.max(0, ...windows.filter((window) => hop(window) <= millis)),
      accumulators,
      inBase: lifetime.filter((accumulator) => !accumulators.includes(accumulator)),
    };
  });
  const kernels = view.accumulators.map((accumulator) => kernelFor(accumulator, view.source));
  return {
    view,
    kernels,
    columns: kernels.map(columnsOf),
    levels,
    lifetime,
    longestWindow: lifetime.length > 0 ? null : Math.max(...windows),
    idType: eventIdType(view.source),
  };
}

function unique(numbers: readonly number[]): readonly number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}

/**
 * How far before the newest known time of a key's records one of them must have happened to be kept at no level: the
 * state without it, were it built from nothing, is read as the same. null = every record matters.
 */
export function reachOf(view: CompiledView): number | null {
  if (view.kind === 'rows') return null;
  const { levels, lifetime } = tilePlanOf(view);
  if (lifetime.length > 0) return null;
  const { millis, keepMillis } = levels.at(-1)!;
  return readSlackMillis + view.delayMillis + view.grainMillis + millis + keepMillis;
}

/** H: no read that is answered ends a window before it. */
export function horizonOf({ view }: TilePlan, newestArrival: Instant): Instant {
  return floorTo(newestArrival - readSlackMillis - view.delayMillis, view.grainMillis);
}
