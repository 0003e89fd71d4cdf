import type { CompiledExpression } from '../definitions/compiled.ts';
import type { Expression } from '../definitions/model.ts';
import type { Value, ValueType } from '../values/types.ts';
import { functionOf } from './compile.ts';
import { printExpression } from './print.ts';
import type { TypedExpression } from './typed.ts';

/** One node of an expression with what it gave for one row. */
export interface ExpressionStep {
  /** The operator; `input` for a column, a feature or a request input, `literal` for a constant. */
  readonly op: string;
  /** The node as people write it. */
  readonly text: string;
  readonly type: ValueType;
  readonly value: Value;
  /** In order; every one has its value, also where the operator did not need it. */
  readonly args: readonly ExpressionStep[];
}

/**
 * Evaluates every node of an expression on one row: the root's value is the expression's. Many times slower than
 * `evaluate`; for people who ask why.
 */
export function expressionSteps({ tree, typed }: CompiledExpression, row: readonly Value[]): ExpressionStep {
  return stepOf(tree, typed, row);
}

function stepOf(tree: Expression, node: TypedExpression, row: readonly Value[]): ExpressionStep {
  const trees = 'args' in tree ? tree.args : [];
  return {
    op: node.kind === 'call' ? node.op : node.kind,
    text: printExpression(tree),
    type: node.type,
    value: functionOf(node)(row),
    args: 'args' in node ? node.args.map((arg, index) => stepOf(trees[index]!, arg, row)) : [],
  };
}
