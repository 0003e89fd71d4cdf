import type { BoolType, NumericType, VectorType } from '../../definitions/value-types.ts';
import type { ValueType } from '../../values/types.ts';
import type { ExpressionBuilder, NeedsAs, NeedsIn, Operand, Takes, TypeOf } from '../builder.ts';
import type * as sets from '../type-sets.ts';
import {
  type AtLeastOne,
  type Binary,
  calling,
  type Float64,
  type Int64,
  type Num,
  type Unary,
  type Variadic,
  type Vector,
} from './signature.ts';

type Elements = typeof sets.listOrVector;

/** Code points of a text, elements of a list or vector, entries of a map. */
export const length: Unary<'length', 'x', typeof sets.measured, Int64> = calling('length');

/** The element of a list or vector at a place, from 0, or the value of a map at a key; NULL where there is none. */
export const get: <X extends Operand, A extends Operand>(
  x: X & Takes<X, 'get', 'x', typeof sets.collection>,
  at: A & Takes<A, 'get', 'at', typeof sets.integerOrText>,
) => ExpressionBuilder<
  NeedsIn<X, 'get', 'x', typeof sets.collection> & NeedsIn<A, 'get', 'at', typeof sets.integerOrText>,
  MemberOf<TypeOf<X>>
> = calling('get');

type MemberOf<T extends ValueType> = T extends { readonly element: infer E extends ValueType }
  ? E
  : T extends { readonly value: infer V extends ValueType }
    ? V
    : T extends { readonly kind: 'vector' }
      ? Float64
      : ValueType;

/** A part of a text, an element of a list, a key of a map? */
export const contains: <X extends Operand, P extends Operand>(
  x: X & Takes<X, 'contains', 'x', typeof sets.container>,
  part: P,
) => ExpressionBuilder<NeedsIn<X, 'contains', 'x', typeof sets.container> & NeedsAs<P, ValueType>, BoolType> =
  calling('contains');

/** Of the elements of a list or vector; NULL ones are left out, and of nothing it is NULL. */
export const sumOf: Unary<'sumOf', 'x', Elements, NumericType> = calling('sumOf');
export const avgOf: Unary<'avgOf', 'x', Elements, Float64> = calling('avgOf');
export const minOf: Unary<'minOf', 'x', Elements, ValueType> = calling('minOf');
export const maxOf: Unary<'maxOf', 'x', Elements, ValueType> = calling('maxOf');

type OfVectors<Op extends string, Result extends ValueType> = Binary<Op, ['a', 'b'], [Vector, Vector], Result>;

export const dot: OfVectors<'dot', Float64> = calling('dot');
/** From −1 to 1; NULL for a vector of zeros. */
export const cosine: OfVectors<'cosine', Float64> = calling('cosine');
/** Euclidean. */
export const distance: OfVectors<'distance', Float64> = calling('distance');
/** The Euclidean length. */
export const norm: Unary<'norm', 'x', Vector, Float64> = calling('norm');
export const vectorAdd: OfVectors<'vectorAdd', VectorType> = calling('vectorAdd');
export const vectorScale: Binary<'vectorScale', ['x', 'by'], [Vector, Num], VectorType> = calling('vectorScale');

/** A vector of numbers, as doubles. */
export const toVector: Variadic<'toVector', ['element', 'element'], Num, AtLeastOne, VectorType> = calling('toVector');
