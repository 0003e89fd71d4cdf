import type { IdentityType, StringType, VectorType } from '../../definitions/value-types.ts';
import {
  type AnyExpression,
  callOf,
  type ExpressionBuilder,
  type NeedsAs,
  type NeedsIn,
  type Operand,
  type Takes,
} from '../builder.ts';
import type * as sets from '../type-sets.ts';
import { type ConstantList, type ElementOf, listLiteral } from './constant-lists.ts';
import { type AtLeastTwo, calling, type Int64, type Num, type Variadic } from './signature.ts';

type Identity = typeof sets.identity;

/** How many of the ascending edges are not above x: 0 below the first, n at or above the last of n. */
export function bucketize<X extends Operand>(
  x: X & Takes<X, 'bucketize', 'x', Num>,
  edges: readonly number[] | AnyExpression,
): ExpressionBuilder<NeedsIn<X, 'bucketize', 'x', Num>, Int64> {
  return callOf('bucketize', x, listLiteral(edges));
}

/** The place of a value in a vocabulary, from 0; unseen values are NULL, or hashed to `unseen` further places. */
export function ordinal<X extends Operand, const V extends ConstantList | AnyExpression>(
  x: X & Takes<X, 'ordinal', 'x', Identity>,
  vocabulary: V,
  { unseen }: { readonly unseen?: number } = {},
): ExpressionBuilder<NeedsAs<X, ElementOf<V> & IdentityType>, Int64> {
  return callOf('ordinal', x, listLiteral(vocabulary), ...(unseen === undefined ? [] : [unseen]));
}

/** A vector with 1 at the place of a value in a vocabulary; all 0 for an unseen one. */
export function oneHot<X extends Operand, const V extends ConstantList | AnyExpression>(
  x: X & Takes<X, 'oneHot', 'x', Identity>,
  vocabulary: V,
): ExpressionBuilder<NeedsAs<X, ElementOf<V> & IdentityType>, VectorType> {
  return callOf('oneHot', x, listLiteral(vocabulary));
}

/** One of `buckets` places, chosen by a stable hash. */
export function hashBucket<X extends Operand>(
  x: X & Takes<X, 'hashBucket', 'x', Identity>,
  buckets: number,
): ExpressionBuilder<NeedsIn<X, 'hashBucket', 'x', Identity>, Int64> {
  return callOf('hashBucket', x, buckets);
}

/** A vector of `buckets` elements with 1 at the place that `hashBucket` chooses. */
export function hashOneHot<X extends Operand>(
  x: X & Takes<X, 'hashOneHot', 'x', Identity>,
  buckets: number,
): ExpressionBuilder<NeedsIn<X, 'hashOneHot', 'x', Identity>, VectorType> {
  return callOf('hashOneHot', x, buckets);
}

/** Several values as one text, different for different values: `hashBucket(cross(a, b), 1000)`. */
export const cross: Variadic<'cross', ['a', 'b'], Identity, AtLeastTwo, StringType> = calling('cross');
