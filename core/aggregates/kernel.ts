import type { SourceRecord } from '../definitions/compiled.ts';
import type { Value } from '../values/types.ts';
import type { StateReader, StateWriter } from './state-bytes.ts';

/**
 * One aggregate function over inputs of one type. `merge` is associative and commutative, and a state depends only
 * on which events it holds, never on their order (float64 sums: up to their rounding).
 *
 * @typeParam S state; may be changed in place by `add` and by `merge` (into)
 * @typeParam I what one event adds, made once per event and added to the tile of each level
 */
export interface Kernel<S, I> {
  prepare(x: Exclude<Value, null>, record: SourceRecord): I;
  empty(): S;
  add(state: S, item: I): S;
  /** Changes and returns `into`; never changes `from`, nor keeps what may change of it. */
  merge(into: S, from: S): S;
  write(out: StateWriter, state: S): void;
  read(input: StateReader): S;
  skip(input: StateReader): void;
  /** The value of SEMANTICS.md, section 4. */
  finish(state: S): Value;
  /** How the states of a level's tiles are stored; absent = one after the other. */
  readonly columns?: ColumnCodec<S>;
}

/** Stretches of a level's tiles: the tiles [from[i], to[i]) by index; empty where they are equal. */
export interface TileRanges {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** A range of tiles goes into `states[target]`. */
export interface RangeTarget {
  readonly target: number;
  /** Index into the ranges. */
  readonly range: number;
}

/** The states of one accumulator in all tiles of one level. */
export interface ColumnCodec<S> {
  write(out: StateWriter, states: readonly S[]): void;
  read(input: StateReader, count: number): S[];
  /** Merges ranges without decoding the rest. May leave the reader anywhere. */
  merge(
    input: StateReader,
    count: number,
    ranges: TileRanges,
    targets: readonly RangeTarget[],
    states: unknown[],
  ): void;
}

/** What one accumulator of a view does with an event: `where`, input and `by` included. */
export interface AccumulatorKernel extends Omit<Kernel<unknown, unknown>, 'prepare'> {
  /** undefined = this event adds nothing. */
  prepare(record: SourceRecord): unknown;
}
