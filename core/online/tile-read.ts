import type { ColumnRange } from '../aggregates/kernel.ts';
import type { StateReader } from '../aggregates/state-bytes.ts';
import type { CompiledView } from '../definitions/compiled.ts';
import { day, windowEnd, windowStart } from '../time/windows.ts';
import { valueToDouble } from '../values/integers.ts';
import type { Instant, Value } from '../values/types.ts';
import { openStates, readStarts } from './tile-codec.ts';
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
  /** The stretches of the last instant read: all keys of a request share them. */
  readonly memo: { end: Instant; baseEnd: Instant | null; stretches: readonly (readonly CoverStretch[])[] };
}

/** What a cover takes of one level. */
interface CoverStretch {
  readonly cover: number;
  readonly from: Instant;
  readonly to: Instant;
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
    if (feature.kind === 'column') return [];
    const { windowMillis } = feature;
    const accumulators = feature.kind === 'ratio' ? [feature.numerator, feature.denominator] : [feature.accumulator];
    return accumulators.map((accumulator) => targetOf(accumulator, windowMillis));
  });
  covers.push({ windowMillis: plan.longestWindow, lastLevel: plan.levels.length - 1 });
  const targetsOf = plan.kernels.map((_, accumulator) =>
    targets.flatMap((target, index) => (target.accumulator === accumulator ? [index] : [])),
  );
  const memo = { end: Number.NaN, baseEnd: null, stretches: [] };
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
    const stretches = stretchesOf(read, end, baseEnd);
    for (let level = 0; level < plan.levels.length; level++) {
      newest = Math.max(newest, readLevel(read, level, input, stretches[level]!, states));
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

/** Per level, what each cover takes of it. */
function stretchesOf(read: TileRead, end: Instant, baseEnd: Instant | null): TileRead['memo']['stretches'] {
  const { plan, covers, memo } = read;
  if (memo.end === end && memo.baseEnd === baseEnd) return memo.stretches;
  const stretches = plan.levels.map((): CoverStretch[] => []);
  covers.forEach(({ windowMillis, lastLevel }, cover) => {
    const start = windowMillis === null ? baseEnd : windowStart(end, windowMillis, plan.view.grainMillis);
    if (start === null) return;
    for (const { level, from, to } of coverWindow(plan.levels, lastLevel, start, end)) {
      stretches[level]!.push({ cover, from, to });
    }
  });
  Object.assign(memo, { end, baseEnd, stretches });
  return stretches;
}

/** Merges what the covers take of one level into the states; returns the newest event of the last cover, or −1. */
function readLevel(
  read: TileRead,
  level: number,
  input: StateReader,
  stretches: readonly CoverStretch[],
  states: unknown[],
): number {
  const bytes = input.uint32();
  const levelEnd = input.position + bytes;
  const count = stretches.length === 0 ? 0 : input.unsigned();
  let newest = -1;
  if (count > 0) {
    const { millis, accumulators } = read.plan.levels[level]!;
    const starts = readStarts(input, count, millis);
    const ranges = stretches
      .map(({ cover, from, to }) => ({ cover, from: firstAtLeast(starts, from), to: firstAtLeast(starts, to) }))
      .filter(({ from, to }) => from < to);
    for (const { cover, to } of ranges) {
      if (cover !== read.covers.length - 1) continue;
      // Tiles ascend, so the last one that is taken holds the newest event.
      newest = Math.max(newest, starts[to - 1]! + input.uint32At(input.position + 4 * (to - 1)));
    }
    input.skip(4 * count);
    for (const accumulator of accumulators) mergeColumn(read, accumulator, input, count, ranges, states);
  }
  input.position = levelEnd;
  return newest;
}

function firstAtLeast(starts: readonly Instant[], instant: Instant): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (starts[middle]! < instant) low = middle + 1;
    else high = middle;
  }
  return low;
}

function mergeColumn(
  { plan, targets, targetsOf }: TileRead,
  accumulator: number,
  input: StateReader,
  count: number,
  ranges: readonly { readonly cover: number; readonly from: number; readonly to: number }[],
  states: unknown[],
): void {
  const bytes = input.uint32();
  const columnEnd = input.position + bytes;
  const taken: ColumnRange[] = [];
  for (const target of targetsOf[accumulator]!) {
    const { cover } = targets[target]!;
    for (const range of ranges) if (range.cover === cover) taken.push({ target, from: range.from, to: range.to });
  }
  if (taken.length > 0) plan.columns[accumulator]!.merge(input, count, taken, states);
  input.position = columnEnd;
}
