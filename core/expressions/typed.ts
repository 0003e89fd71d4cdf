import type { Expression, UserFunctionDefinition } from '../definitions/model.ts';
import type { ExpressionOperator } from '../definitions/operators.ts';
import type { CallFunction } from '../ports/user-functions.ts';
import type { Value, ValueType } from '../values/types.ts';

/** An expression whose names are resolved and whose types are known; its calls have the arguments of the tree's, in order. */
export type TypedExpression =
  /** `column` = its index in the row that is evaluated. */
  | { readonly kind: 'input'; readonly column: number; readonly type: ValueType }
  | TypedLiteral
  | TypedCall
  | TypedUserCall;

/** A user's function and how it is called here. */
export interface BoundFunction {
  readonly definition: UserFunctionDefinition;
  readonly call: CallFunction;
}

/** A call of a user's function with its arguments resolved, in declared order. */
export interface TypedUserCall extends BoundFunction {
  readonly kind: 'userCall';
  readonly args: readonly TypedExpression[];
  readonly type: ValueType;
}

export interface TypedCall {
  readonly kind: 'call';
  readonly op: ExpressionOperator;
  readonly args: readonly TypedExpression[];
  readonly type: ValueType;
}

export interface TypedLiteral {
  readonly kind: 'literal';
  readonly value: Value;
  readonly type: ValueType;
}

/** A row has the values of the columns that the expression was compiled against, in their order. */
export type Evaluate = (row: readonly Value[]) => Value;

export type InputLeaf = Extract<Expression, { readonly op: 'col' | 'feature' | 'request' }>;
