import type { DecimalType, NumericType } from '../../definitions/value-types.ts';
import type { Agrees, ExpressionBuilder, NeedsIn, Operand, Takes, TypeOf } from '../builder.ts';
import type * as sets from '../type-sets.ts';
import {
  type AtLeastTwo,
  type Binary,
  calling,
  type Float64,
  type Int64,
  type NeedsOfAll,
  type Num,
  type Unary,
} from './signature.ts';

type OfNumber<Op extends string> = Unary<Op, 'x', Num, Float64>;

/** The natural logarithm; NULL for 0 and less. */
export const log: OfNumber<'log'> = calling('log');
/** log(1 + x): the usual squeeze for counts and amounts. */
export const log1p: OfNumber<'log1p'> = calling('log1p');
export const exp: OfNumber<'exp'> = calling('exp');
/** exp(x) − 1; undoes log1p. */
export const expm1: OfNumber<'expm1'> = calling('expm1');
/** The square root; NULL below 0. */
export const sqrt: OfNumber<'sqrt'> = calling('sqrt');
/** Of an angle in radians, as cos and tan. */
export const sin: OfNumber<'sin'> = calling('sin');
export const cos: OfNumber<'cos'> = calling('cos');
export const tan: OfNumber<'tan'> = calling('tan');
/** The angle of the point (x, y) in radians. */
export const atan2: Binary<'atan2', ['y', 'x'], [Num, Num], Float64> = calling('atan2');
export const pow: Binary<'pow', ['x', 'exponent'], [Num, Num], Float64> = calling('pow');
/** −1, 0 or 1. */
export const sign: Unary<'sign', 'x', Num, Int64> = calling('sign');
/** The greatest whole number that is not above x; a decimal loses its scale. */
export const floor: Unary<'floor', 'x', Num, NumericType> = calling('floor');
/** The least whole number that is not below x; a decimal loses its scale. */
export const ceil: Unary<'ceil', 'x', Num, NumericType> = calling('ceil');

/** A decimal with so many digits behind the point, rounded half away from zero. */
export function round<X extends Operand>(
  x: X & Takes<X, 'round', 'x', typeof sets.decimal>,
  digits: number,
): ExpressionBuilder<NeedsIn<X, 'round', 'x', typeof sets.decimal>, DecimalType> {
  return calling('round')(x, digits);
}

type Ordered = typeof sets.ordered;
type Extreme<Op extends string> = <Xs extends AtLeastTwo>(
  ...args: Xs & {
    readonly [I in keyof Xs]: Takes<Xs[I], Op, I extends '0' ? 'a' : 'b', Ordered> &
      Agrees<Xs[0], Xs[I], Op, 'values of one type'>;
  }
) => ExpressionBuilder<NeedsOfAll<Xs[number], Op, 'a', Ordered>, TypeOf<Xs[0]>>;

/** The least of values of one type. */
export const least: Extreme<'least'> = calling('least');
/** The greatest of values of one type. */
export const greatest: Extreme<'greatest'> = calling('greatest');

/** The number, no less than `lo` and no more than `hi`. */
export function clip<X extends Operand, Lo extends Operand, Hi extends Operand>(
  x: X & Takes<X, 'clip', 'x', Num>,
  lo: Lo & Takes<Lo, 'clip', 'lo', Num>,
  hi: Hi & Takes<Hi, 'clip', 'hi', Num>,
): ExpressionBuilder<
  NeedsIn<X, 'clip', 'x', Num> & NeedsIn<Lo, 'clip', 'lo', Num> & NeedsIn<Hi, 'clip', 'hi', Num>,
  NumericType
> {
  return calling('clip')(x, lo, hi);
}

/** (x − mean) / stddev, with the statistics of the training set written into the definition. */
export function zScore<X extends Operand>(
  x: X & Takes<X, 'zScore', 'x', Num>,
  { mean, stddev }: { readonly mean: number; readonly stddev: number },
): ExpressionBuilder<NeedsIn<X, 'zScore', 'x', Num>, Float64> {
  return calling('zScore')(x, mean, stddev);
}

/** (x − min) / (max − min): 0 at `min`, 1 at `max`, not clipped. */
export function minMax<X extends Operand>(
  x: X & Takes<X, 'minMax', 'x', Num>,
  { min, max }: { readonly min: number; readonly max: number },
): ExpressionBuilder<NeedsIn<X, 'minMax', 'x', Num>, Float64> {
  return calling('minMax')(x, min, max);
}

/** The great-circle distance in metres between two points in degrees. */
export function haversine<A extends Operand, B extends Operand, C extends Operand, D extends Operand>(
  lat1: A & Takes<A, 'haversine', 'lat1', Num>,
  lon1: B & Takes<B, 'haversine', 'lon1', Num>,
  lat2: C & Takes<C, 'haversine', 'lat2', Num>,
  lon2: D & Takes<D, 'haversine', 'lon2', Num>,
): ExpressionBuilder<
  NeedsIn<A, 'haversine', 'lat1', Num> &
    NeedsIn<B, 'haversine', 'lon1', Num> &
    NeedsIn<C, 'haversine', 'lat2', Num> &
    NeedsIn<D, 'haversine', 'lon2', Num>,
  Float64
> {
  return calling('haversine')(lat1, lon1, lat2, lon2);
}
