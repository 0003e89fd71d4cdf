import type { Expression, ExpressionOperator } from '../definitions/model.ts';
import type { Value, ValueType } from '../values/types.ts';

/** An expression whose names are resolved and whose types are known. */
export type TypedExpression =
  /** `column` = its index in the row that is evaluated. */
  | { readonly kind: 'input'; readonly column: number; readonly type: ValueType }
  | { readonly kind: 'literal'; readonly value: Value; readonly type: ValueType }
  | {
      readonly kind: 'call';
      readonly op: ExpressionOperator;
      readonly args: readonly TypedExpression[];
      readonly type: ValueType;
    };

export type Evaluate = (row: readonly Value[]) => Value;

/** What a function takes, gives and does. The one place where an operator's rules stand. */
export interface ExpressionFunction {
  readonly minArgs: number;
  readonly maxArgs: number;
  /**
   * What an integer literal becomes beside another numeric type: that very type ('same'), or for decimals
   * the smallest decimal that holds it ('arithmetic', so that `price * 2` stays narrow).
   */
  readonly literals: 'same' | 'arithmetic' | 'asWritten';
  /** The type of the result, or the text of what was expected. */
  resultType(args: readonly ValueType[]): ValueType | string;
  /** `args` are evaluated on the same row, never more than once each. */
  compile(args: readonly Evaluate[], types: readonly ValueType[], result: ValueType): Evaluate;
}

export type InputLeaf = Extract<Expression, { readonly op: 'col' | 'feature' | 'request' }>;
