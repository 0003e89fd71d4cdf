import type { RangeTarget, TileRanges } from '../aggregates/kernel.ts';
import type { StateReader } from '../aggregates/state-bytes.ts';
import type { CompiledView } from '../definitions/compiled.ts';
import { day, windowEnd, windowStart } from '../time/windows.ts';
import { valueToDouble } from '../values/integers.ts';
import type { Instant, Value } from '../values/types.ts';
import { openStates, readTimes, type TileTimes } from './tile-codec.ts';
import { coverWindow } from './tile-cover.ts';
import { type TilePlan, tilePlanOf } from './tile-plan.ts';

/** What some features of an aggregate view need, worked out once per choice of features. */
export interface TileRead {
  readonly plan: TilePlan;
  /** One state to merge each: an accumulator over one window. */
  readonly targets: readonly Target[];
  /** Per accumulator: the indexes of its targets. */
  readonly targetsOf: readonly (readonly number[])[];
  /** The distinct ways to cover a window; the last is the longest window at all levels, for the newest event. */
  readonly covers: readonly Cover[];
  /** Of each feature: its target, or numerator and denominator. */
  readonly featureTargets: readonly (readonly number[])[];
  /** What the last instant read takes of the levels: all keys of a request share it. */
  readonly memo: { end: Instant; baseEnd: Instant | null; takes: readonly LevelTake[] };
}

/** What the covers take of one level. */
interface LevelTake {
  /** Stretches of time in units of the level, and which of them belong to the longest window. */
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly isLongest: readonly boolean[];
  /** Per accumulator of the level: which stretches go where. */
  readonly targets: readonly (readonly RangeTarget[])[];
}

interface Target {
  readonly accumulator: number;
  readonly cover: number;
}

interface Cover {
  readonly windowMillis: number | null;
  readonly lastLevel: number;
}

/** Finished features of one key, and the newest counting event in the view's longest window. */
export interface TileValues {
  readonly values: readonly Value[];
  readonly eventTime: Instant | null;
}

export function createTileRead(view: CompiledView, featureIndexes: readonly number[]): TileRead {
  const plan = tilePlanOf(view);
  const covers: Cover[] = [];
  const targets: Target[] = [];
  const coverOf = (windowMillis: number | null, lastLevel: number): number => {
    const found = covers.findIndex((cover) => cover.windowMillis === windowMillis && cover.lastLevel === lastLevel);
    return found >= 0 ? found : covers.push({ windowMillis, lastLevel }) - 1;
  };
  const targetOf = (accumulator: number, windowMillis: number | null): number => {
    const cover = coverOf(windowMillis, plan.lastLevels[accumulator]!);
    const found = targets.findIndex((target) => target.accumulator === accumulator && target.cover === cover);
    return found >= 0 ? found : targets.push({ accumulator, cover }) - 1;
  };
  const features = featureIndexes.map((index) => view.features[index]!);
  const featureTargets = features.map((feature) => {
    if (!('windowMillis' in feature)) return [];
    const { windowMillis } = feature;
    const accumulators = feature.kind === 'ratio' ? [feature.numerator, feature.denominator] : [feature.accumulator];
    return accumulators.map((accumulator) => targetOf(accumulator, windowMillis));
  });
  covers.push({ windowMillis: plan.longestWindow, lastLevel: plan.levels.length - 1 });
  const targetsOf = plan.kernels.map((_, accumulator) =>
    targets.flatMap((target, index) => (target.accumulator === accumulator ? [index] : [])),
  );
  const memo = { end: Number.NaN, baseEnd: null, takes: [] };
  return { plan, targets, targetsOf, covers, featureTargets, memo };
}

/** The values at `t` of a stored state; null = the key was never written. */
export function readTiles(read: TileRead, value: Uint8Array | null, t: Instant): TileValues {
  const { plan, targets } = read;
  const states = targets.map(({ accumulator }) => plan.kernels[accumulator]!.empty());
  let newest = -1;
  if (value !== null) {
    const input = openStates(plan, value);
    const end = windowEnd(t, plan.view.delayMillis, plan.view.grainMillis);
    let baseEnd: Instant | null = null;
    if (plan.lifetime !== null && input.byte() === 1) {
      baseEnd = Number(input.integer()) * day;
      newest = readBase(read, plan.lifetime, input, states);
    }
    const takes = takesOf(read, end, baseEnd);
    for (let level = 0; level < plan.levels.length; level++) {
      newest = Math.max(newest, readLevel(plan, level, input, takes[level]!, states));
    }
  }
  const finished = targets.map(({ accumulator }, index) => plan.kernels[accumulator]!.finish(states[index]));
  return {
    values: read.featureTargets.map((of) => finishFeature(of, finished)),
    eventTime: newest < 0 ? null : newest,
  };
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
  if (plan.lifetime !== null && input.byte() === 1) {
    input.integer();
    input.unsigned();
    for (const accumulator of plan.lifetime) plan.kernels[accumulator]!.skip(input);
  }
  input.uint32();
  const count = input.unsigned();
  if (count === 0) return null;
  const { millis } = plan.levels[0]!;
  const times = readTimes(input, count);
  const position = positionOf(times, count, windowEnd(t, delayMillis, grainMillis) / millis);
  if (position === count) return null;
  const index = times.indexes === null ? times.first + position : times.indexes[position]!;
  return (index + 1) * millis + delayMillis;
}

function readBase(read: TileRead, lifetime: readonly number[], input: StateReader, states: unknown[]): number {
  const newest = input.unsigned() - 1;
  for (const accumulator of lifetime) {
    const kernel = read.plan.kernels[accumulator]!;
    const target = read.targetsOf[accumulator]!.find(
      (index) => read.covers[read.targets[index]!.cover]!.windowMillis === null,
    );
    if (target === undefined) kernel.skip(input);
    else states[target] = kernel.merge(states[target], kernel.read(input));
  }
  return newest;
}

function takesOf({ plan, covers, targets, memo }: TileRead, end: Instant, baseEnd: Instant | null) {
  if (memo.end === end && memo.baseEnd === baseEnd) return memo.takes;
  const stretches = covers.map(({ windowMillis, lastLevel }) => {
    const start = windowMillis === null ? baseEnd : windowStart(end, windowMillis, plan.view.grainMillis);
    return start === null ? [] : coverWindow(plan.levels, lastLevel, start, end);
  });
  const takes = plan.levels.map(({ millis, accumulators }, level): LevelTake => {
    const ofLevel = stretches.flatMap((ofCover, cover) =>
      ofCover.filter((stretch) => stretch.level === level).map(({ from, to }) => ({ cover, from, to })),
    );
    return {
      from: ofLevel.map(({ from }) => from / millis),
      to: ofLevel.map(({ to }) => to / millis),
      isLongest: ofLevel.map(({ cover }) => cover === covers.length - 1),
      targets: accumulators.map((accumulator) =>
        ofLevel.flatMap(({ cover }, range) =>
          targets.flatMap((target, index) =>
            target.accumulator === accumulator && target.cover === cover ? [{ target: index, range }] : [],
          ),
        ),
      ),
    };
  });
  Object.assign(memo, { end, baseEnd, takes });
  return takes;
}

/** Merges what is taken of one level into the states; returns its newest event in the longest window, or −1. */
function readLevel(plan: TilePlan, level: number, input: StateReader, take: LevelTake, states: unknown[]): number {
  const bytes = input.uint32();
  const levelEnd = input.position + bytes;
  const count = take.from.length === 0 ? 0 : input.unsigned();
  let newest = -1;
  if (count > 0) {
    const { millis, accumulators } = plan.levels[level]!;
    const times = readTimes(input, count);
    const ranges: TileRanges = {
      from: take.from.map((index) => positionOf(times, count, index)),
      to: take.to.map((index) => positionOf(times, count, index)),
    };
    for (let i = 0; i < take.isLongest.length; i++) {
      const last = ranges.to[i]! - 1;
      if (!take.isLongest[i] || last < ranges.from[i]!) continue;
      // Tiles ascend, so the last one that is taken holds the newest event.
      const start = (times.indexes === null ? times.first + last : times.indexes[last]!) * millis;
      newest = Math.max(newest, start + input.uint32At(input.position + 4 * last));
    }
    input.skip(4 * count);
    for (let i = 0; i < accumulators.length; i++) {
      const columnBytes = input.uint32();
      const columnEnd = input.position + columnBytes;
      const targets = take.targets[i]!;
      if (targets.length > 0) plan.columns[accumulators[i]!]!.merge(input, count, ranges, targets, states);
      input.position = columnEnd;
    }
  }
  input.position = levelEnd;
  return newest;
}

/** How many tiles start before this one. */
function positionOf({ first, indexes }: TileTimes, count: number, index: number): number {
  if (indexes === null) return Math.min(count, Math.max(0, index - first));
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (indexes[middle]! < index) low = middle + 1;
    else high = middle;
  }
  return low;
}
