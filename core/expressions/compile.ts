import type { CompiledExpression, OnDemandInput } from '../definitions/compiled.ts';
import type { Expression } from '../definitions/model.ts';
import { createProblems } from '../definitions/problems.ts';
import type { Field } from '../values/types.ts';
import { type AnomalyCounts, noAnomalies } from './anomalies.ts';
import { expressionFunctions } from './functions.ts';
import { inferTypes } from './infer.ts';
import { columnScope, type DerivedNames, derivedScope, type ExpressionScope, onDemandScope } from './scope.ts';
import type { Evaluate, TypedExpression } from './typed.ts';

/**
 * An expression over a source's columns as a plain function on rows in the order of `columns`.
 * BAD_DEFINITION with every unknown column and type error, each with its path inside the tree.
 */
export function compileExpression(tree: Expression, columns: readonly Field[], path: string): CompiledExpression {
  return compileIn(tree, columnScope(columns), path);
}

/** As `compileExpression`, over other features of a view and columns: its row is `features`, then `columns`. */
export function compileDerivedExpression(tree: Expression, inputs: DerivedNames, path: string): CompiledExpression {
  return compileIn(tree, derivedScope(inputs), path);
}

/** As `compileExpression`, over the inputs of an on-demand view, in their order. */
export function compileOnDemandExpression(
  tree: Expression,
  inputs: readonly OnDemandInput[],
  path: string,
): CompiledExpression {
  return compileIn(tree, onDemandScope(inputs), path);
}

function compileIn(tree: Expression, scope: ExpressionScope, path: string): CompiledExpression {
  const problems = createProblems();
  const typed = inferTypes(tree, scope, { path, problems });
  problems.throwIfAny();
  const anomalies = noAnomalies();
  return { tree, typed: typed!, type: typed!.type, anomalies, evaluate: functionOf(typed!, anomalies) };
}

/**
 * One closure per node: monomorphic enough to run in a few nanoseconds, and easy to step through. A call of nothing
 * but constants is computed here, once.
 */
export function functionOf(node: TypedExpression, anomalies: AnomalyCounts = noAnomalies()): Evaluate {
  switch (node.kind) {
    case 'input': {
      const { column } = node;
      return (row) => row[column] ?? null;
    }
    case 'literal': {
      const { value } = node;
      return () => value;
    }
    case 'call': {
      const { args, type } = node;
      const evaluated = args.map((arg) => functionOf(arg, anomalies));
      const evaluate = expressionFunctions[node.op].compile(evaluated, { args, type, anomalies });
      if (!isConstant(node)) return evaluate;
      const value = evaluate([]);
      return () => value;
    }
  }
}

/** True where the value depends on no row. */
export function isConstant(node: TypedExpression): boolean {
  return node.kind === 'literal' || (node.kind === 'call' && node.args.every(isConstant));
}
