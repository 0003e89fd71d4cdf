import type { RangeTarget } from '../aggregates/kernel.ts';
import type { StateReader } from '../aggregates/state-bytes.ts';
import type { CompiledView } from '../definitions/compiled.ts';
import { AsofError } from '../errors/asof-error.ts';
import { hopOf, windowEnd, windowStart } from '../time/windows.ts';
import { IntegerColumn } from '../values/integer-column.ts';
import { valueToDouble } from '../values/integers.ts';
import type { Instant, Value } from '../values/types.ts';
import { openStates, readTimes, startOf, type TileTimes } from './tile-codec.ts';
import { type TilePlan, tilePlanOf } from './tile-plan.ts';

/** What some features of an aggregate view need, worked out once per choice of features. */
export interface TileRead {
  readonly plan: TilePlan;
  /** The distinct windows, shortest first, lifetime (null) last. All end together, so each contains those before it. */
  readonly windows: readonly (number | null)[];
  /** One state to merge each: an accumulator over one window; an accumulator's stand together, as their windows. */
  readonly targets: readonly Target[];
  /** Of each feature: its target, or numerator and denominator. */
  readonly featureTargets: readonly (readonly number[])[];
  readonly levels: readonly LevelRead[];
  /** The accumulators whose base is read. */
  readonly hasLifetime: boolean;
  /** The last τ read: all keys of a request share it. */
  readonly bounds: { end: Instant; longestStart: Instant };
}

interface Target {
  readonly accumulator: number;
  readonly window: number;
}

/**
 * What is read of one level, by ranges of its tiles: the first from the start of the shortest window to the end, each
 * other from the start of its window to that of the one before.
 */
interface LevelRead {
  /** Per accumulator of the level: which ranges go where; null = it is passed over. */
  readonly targets: readonly (readonly RangeTarget[] | null)[];
  /** Where the windows start and end in units of the level, at the τ in `bounds`. */
  readonly starts: number[];
  end: number;
  /** The ranges in the value being read: tiles by position. */
  readonly from: number[];
  readonly to: number[];
}

/** Finished features of one key, and the newest counting event in the view's longest window. */
export interface TileValues {
  readonly values: readonly Value[];
  readonly eventTime: Instant | null;
}

export function createTileRead(view: CompiledView, featureIndexes: readonly number[]): TileRead {
  const plan = tilePlanOf(view);
  const uses = featureIndexes.map((index) => {
    const feature = view.features[index]!;
    if (!('windowMillis' in feature)) throw new AsofError('INTERNAL', `${view.name}.${feature.name} has no window`);
    const { windowMillis } = feature;
    const accumulators = feature.kind === 'ratio' ? [feature.numerator, feature.denominator] : [feature.accumulator];
    return { windowMillis, accumulators };
  });
  const windows = [...new Set(uses.map(({ windowMillis }) => windowMillis))].sort(
    (a, b) => (a ?? Number.POSITIVE_INFINITY) - (b ?? Number.POSITIVE_INFINITY),
  );
  const targets = plan.kernels.flatMap((_, accumulator) =>
    windows.flatMap((windowMillis, window): Target[] => {
      const isUsed = uses.some((use) => use.windowMillis === windowMillis && use.accumulators.includes(accumulator));
      return isUsed ? [{ accumulator, window }] : [];
    }),
  );
  const targetOf = (accumulator: number, windowMillis: number | null) =>
    targets.findIndex((target) => target.accumulator === accumulator && windows[target.window] === windowMillis);
  /** Shorter windows take no tile of this level. */
  const isTaken = (window: number, millis: number) => {
    const windowMillis = windows[window]!;
    return windowMillis === null || hopOf(windowMillis, view.grainMillis) >= millis;
  };
  const levels = plan.levels.map(({ millis, accumulators }): LevelRead => {
    const ofAccumulators = accumulators.map((accumulator) => {
      const ranges = windows.flatMap((_, range): RangeTarget[] => {
        const target = targets.findIndex((one) => one.accumulator === accumulator && one.window >= range);
        return target >= 0 && isTaken(targets[target]!.window, millis) ? [{ target, range }] : [];
      });
      return ranges.length === 0 ? null : ranges;
    });
    return { targets: ofAccumulators, starts: [], end: 0, from: [], to: [] };
  });
  return {
    plan,
    windows,
    targets,
    featureTargets: uses.map(({ windowMillis, accumulators }) =>
      accumulators.map((accumulator) => targetOf(accumulator, windowMillis)),
    ),
    levels,
    hasLifetime: windows.includes(null),
    bounds: { end: Number.NaN, longestStart: Number.NaN },
  };
}

/** The values at `t` of a stored state; null = the key was never written. */
export function readTiles(read: TileRead, value: Uint8Array | null, t: Instant): TileValues {
  const { plan, targets } = read;
  const states = targets.map(({ accumulator }) => plan.kernels[accumulator]!.empty());
  let newest = -1;
  if (value !== null) {
    moveTo(read, windowEnd(t, plan.view.delayMillis, plan.view.grainMillis));
    const input = openStates(plan, value);
    newest = input.unsigned() - 1;
    for (let level = 0; level < plan.levels.length; level++) {
      newest = Math.max(newest, readLevel(read, level, input, states));
    }
    if (read.hasLifetime) readBase(read, input, states);
    if (newest < read.bounds.longestStart) newest = -1;
  }
  const finished = finish(read, states);
  return {
    values: read.featureTargets.map((of) => finishFeature(of, finished)),
    eventTime: newest < 0 ? null : newest,
  };
}

/** What a target gathered lies between its window and the one before it of the same accumulator, which it contains. */
function finish({ plan, targets }: TileRead, states: unknown[]): Value[] {
  const finished: Value[] = [];
  for (let i = 0; i < targets.length; i++) {
    const { accumulator } = targets[i]!;
    const kernel = plan.kernels[accumulator]!;
    if (i > 0 && targets[i - 1]!.accumulator === accumulator) states[i] = kernel.merge(states[i], states[i - 1]);
    finished.push(kernel.finish(states[i]));
  }
  return finished;
}

function finishFeature(targets: readonly number[], finished: readonly Value[]): Value {
  const value = finished[targets[0]!]!;
  if (targets.length === 1) return value;
  const divisor = finished[targets[1]!]!;
  if (value === null || divisor === null) return null;
  const denominator = valueToDouble(divisor);
  const ratio = denominator === 0 ? Number.NaN : valueToDouble(value) / denominator;
  return Number.isFinite(ratio) ? ratio + 0 : null;
}

/** The first instant after `t` whose windows take in an event that they end before at `t`; null = there is none. */
export function nextTileIncluded(plan: TilePlan, value: Uint8Array, t: Instant): Instant | null {
  const { grainMillis, delayMillis } = plan.view;
  const input = openStates(plan, value);
  input.unsigned();
  input.skip(4);
  const count = input.unsigned();
  if (count === 0) return null;
  const times = readTimes(input, count);
  const position = positionOf(times, windowEnd(t, delayMillis, grainMillis) / grainMillis);
  return position === count ? null : (startOf(times, position) + 1) * grainMillis + delayMillis;
}

function moveTo({ plan, windows, levels, bounds }: TileRead, end: Instant): void {
  if (bounds.end === end) return;
  const startOfWindow = (windowMillis: number | null) =>
    windowMillis === null ? Number.NEGATIVE_INFINITY : windowStart(end, windowMillis, plan.view.grainMillis);
  const starts = windows.map(startOfWindow);
  for (let i = 0; i < levels.length; i++) {
    const { millis } = plan.levels[i]!;
    const level = levels[i]!;
    level.end = Math.ceil(end / millis);
    for (let window = 0; window < windows.length; window++) level.starts[window] = Math.ceil(starts[window]! / millis);
  }
  bounds.end = end;
  bounds.longestStart = startOfWindow(plan.longestWindow);
}

const newestColumn = new IntegerColumn();

/** Merges what is taken of one level into the states; returns the newest event known of its tiles, or −1. */
function readLevel({ plan, levels }: TileRead, level: number, input: StateReader, states: unknown[]): number {
  const bytes = input.uint32();
  const levelEnd = input.position + bytes;
  const read = levels[level]!;
  const count = input.unsigned();
  let newest = -1;
  if (count > 0) {
    const { millis, accumulators } = plan.levels[level]!;
    const times = readTimes(input, count);
    let to = positionOf(times, read.end);
    if (level === 0) {
      newestColumn.open(input, count);
      if (to > 0) newest = startOf(times, to - 1) * millis + (newestColumn.at(to - 1) as number);
    }
    for (let range = 0; range < read.starts.length; range++) {
      read.to[range] = to;
      to = positionOf(times, read.starts[range]!);
      read.from[range] = to;
    }
    for (let i = 0; i < accumulators.length; i++) {
      const columnBytes = input.uint32();
      const columnEnd = input.position + columnBytes;
      const targets = read.targets[i]!;
      if (targets !== null) plan.columns[accumulators[i]!]!.merge(input, count, read, targets, states);
      input.position = columnEnd;
    }
  }
  input.position = levelEnd;
  return newest;
}

function readBase({ plan, windows, targets }: TileRead, input: StateReader, states: unknown[]): void {
  for (const accumulator of plan.lifetime) {
    const kernel = plan.kernels[accumulator]!;
    const target = targets.findIndex((one) => one.accumulator === accumulator && windows[one.window] === null);
    if (target < 0) kernel.skip(input);
    else states[target] = kernel.merge(states[target], kernel.read(input));
  }
}

/** How many tiles start before this, in units of the level. */
function positionOf(times: TileTimes, start: number): number {
  const { count, first, gaps } = times;
  if (gaps === null) return Math.min(count, Math.max(0, start - first));
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (startOf(times, middle) < start) low = middle + 1;
    else high = middle;
  }
  return low;
}
