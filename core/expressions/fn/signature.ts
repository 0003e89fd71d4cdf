import type { ExpressionOperator } from '../../definitions/operators.ts';
import type { Float64Type, Int64Type } from '../../definitions/value-types.ts';
import type { ValueType } from '../../values/types.ts';
import { callOf, type ExpressionBuilder, type NeedsIn, type Operand, type Takes } from '../builder.ts';
import type * as sets from '../type-sets.ts';
import type { TypeSet } from '../type-sets.ts';

/** A function of one argument, which is of a type of the set. */
export type Unary<Op extends string, Name extends string, Set extends TypeSet, Result extends ValueType> = <
  X extends Operand,
>(
  x: X & Takes<X, Op, Name, Set>,
) => ExpressionBuilder<NeedsIn<X, Op, Name, Set>, Result>;

/** A function of two arguments. */
export type Binary<
  Op extends string,
  Names extends readonly [string, string],
  Sets extends readonly [TypeSet, TypeSet],
  Result extends ValueType,
> = <X extends Operand, Y extends Operand>(
  x: X & Takes<X, Op, Names[0], Sets[0]>,
  y: Y & Takes<Y, Op, Names[1], Sets[1]>,
) => ExpressionBuilder<NeedsIn<X, Op, Names[0], Sets[0]> & NeedsIn<Y, Op, Names[1], Sets[1]>, Result>;

type Argument<Index, Names extends readonly [string, string]> = Index extends '0' ? Names[0] : Names[1];

/** A function of any number of arguments; `Names` are of the first and of the others. */
export type Variadic<
  Op extends string,
  Names extends readonly [string, string],
  Set extends TypeSet,
  Least extends readonly Operand[],
  Result extends ValueType,
> = <Xs extends Least>(
  ...args: Xs & { readonly [I in keyof Xs]: Takes<Xs[I], Op, Argument<I, Names>, Set> }
) => ExpressionBuilder<NeedsOfAll<Xs[number], Op, Names[0], Set>, Result>;

/** What all of these require, together. */
export type NeedsOfAll<X, Op extends string, Name extends string, Set extends TypeSet> = (
  X extends Operand
    ? (needs: NeedsIn<X, Op, Name, Set>) => void
    : never
) extends (needs: infer Needs) => void
  ? Needs
  : never;

export type AtLeastOne = readonly [Operand, ...Operand[]];
export type AtLeastTwo = readonly [Operand, Operand, ...Operand[]];

export type Num = typeof sets.number;
export type Int = typeof sets.integer;
export type Text = typeof sets.text;
export type Time = typeof sets.instant;
export type Vector = typeof sets.vector;
export type Float64 = Float64Type;
export type Int64 = Int64Type;

/** Builds a call whose arguments are written one after the other; those left out at the end stay out. */
export function calling(op: ExpressionOperator) {
  return <Needs, Type extends ValueType>(...args: readonly (Operand | undefined)[]): ExpressionBuilder<Needs, Type> =>
    callOf(op, ...args.filter((arg) => arg !== undefined));
}
