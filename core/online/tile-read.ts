import type { StateReader } from '../aggregates/state-bytes.ts';
import type { CompiledFeature, CompiledView } from '../definitions/compiled.ts';
import { day, windowEnd, windowStart } from '../time/windows.ts';
import { valueToDouble } from '../values/integers.ts';
import type { Instant, Value } from '../values/types.ts';
import { openStates } from './tile-codec.ts';
import { coverWindow, type Stretch } from './tile-cover.ts';
import { type TileLevel, type TilePlan, tilePlanOf } from './tile-plan.ts';

/** What some features of an aggregate view need, worked out once per choice of features. */
export interface TileRead {
  readonly plan: TilePlan;
  readonly features: readonly CompiledFeature[];
  /** One state to merge each: an accumulator over one window. */
  readonly targets: readonly Target[];
  /** Per accumulator: the indexes of its targets. */
  readonly targetsOf: readonly (readonly number[])[];
  /** The distinct ways to cover a window; the last is the longest window at all levels, for the newest event. */
  readonly covers: readonly Cover[];
  /** Of each feature: its target, or numerator and denominator. */
  readonly featureTargets: readonly (readonly number[])[];
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
  return { plan, features, targets, targetsOf, covers, featureTargets };
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
      newest = Math.max(newest, readBase(read, plan.lifetime, input, states));
    }
    const coverages = read.covers.map(({ windowMillis, lastLevel }) => {
      const start = windowMillis === null ? baseEnd : windowStart(end, windowMillis, plan.view.grainMillis);
      return start === null ? [] : coverWindow(plan.levels, lastLevel, start, end);
    });
    for (let level = 0; level < plan.levels.length; level++) {
      newest = Math.max(newest, readLevel(read, level, input, coverages, states));
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

/** The tiles [from, to) of a level, by index, that a cover takes. */
interface TileRange {
  readonly from: number;
  readonly to: number;
}

/** Merges what the covers take of one level into the states; returns the newest event of the last cover. */
function readLevel(
  read: TileRead,
  level: number,
  input: StateReader,
  coverages: readonly (readonly Stretch[])[],
  states: unknown[],
): number {
  const bytes = input.uint32();
  const levelEnd = input.position + bytes;
  const { millis, accumulators } = read.plan.levels[level]!;
  const stretchesOf = coverages.map((stretches) => stretches.filter((stretch) => stretch.level === level));
  const count = stretchesOf.some((stretches) => stretches.length > 0) ? input.unsigned() : 0;
  let newest = -1;
  if (count > 0) {
    const starts = readStarts(input, count, millis);
    const ranges = stretchesOf.map((stretches) => tileRanges(stretches, starts));
    newest = readNewest(input, starts, ranges[ranges.length - 1]!);
    for (const accumulator of accumulators) {
      const columnEnd = input.uint32() + input.position;
      mergeColumn(read, accumulator, input, ranges, states);
      input.position = columnEnd;
    }
  }
  input.position = levelEnd;
  return newest;
}

function readStarts(input: StateReader, count: number, millis: TileLevel['millis']): Instant[] {
  const starts = new Array<Instant>(count);
  let index = 0;
  for (let i = 0; i < count; i++) {
    index += input.unsigned();
    starts[i] = index * millis;
  }
  return starts;
}

function tileRanges(stretches: readonly Stretch[], starts: readonly Instant[]): TileRange[] {
  return stretches
    .map(({ from, to }) => ({ from: firstAtLeast(starts, from), to: firstAtLeast(starts, to) }))
    .filter(({ from, to }) => from < to);
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

function readNewest(input: StateReader, starts: readonly Instant[], ranges: readonly TileRange[]): number {
  let newest = -1;
  for (let i = 0; i < starts.length; i++) {
    const time = starts[i]! + input.unsigned();
    if (time > newest && ranges.some(({ from, to }) => i >= from && i < to)) newest = time;
  }
  return newest;
}

/** Decodes each tile's state once, however many windows take it, and passes over those that none takes. */
function mergeColumn(
  { plan, targets, targetsOf }: TileRead,
  accumulator: number,
  input: StateReader,
  ranges: readonly (readonly TileRange[])[],
  states: unknown[],
): void {
  const kernel = plan.kernels[accumulator]!;
  const takers = targetsOf[accumulator]!.flatMap((target) =>
    ranges[targets[target]!.cover]!.map(({ from, to }) => ({ target, from, to })),
  );
  const last = takers.reduce((greatest, { to }) => Math.max(greatest, to), 0);
  for (let i = 0; i < last; i++) {
    let state: unknown;
    let isRead = false;
    for (const { target, from, to } of takers) {
      if (i < from || i >= to) continue;
      if (!isRead) {
        state = kernel.read(input);
        isRead = true;
      }
      states[target] = kernel.merge(states[target], state);
    }
    if (!isRead) kernel.skip(input);
  }
}
