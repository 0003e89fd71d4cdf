import type { CompiledExpression } from '../definitions/compiled.ts';
import type { Expression } from '../definitions/model.ts';
import { createProblems } from '../definitions/problems.ts';
import type { Field } from '../values/types.ts';
import { type AnomalyCounts, noAnomalies } from './anomalies.ts';
import { expressionFunctions } from './functions.ts';
import { inferTypes } from './infer.ts';
import { columnScope, type ExpressionScope } from './scope.ts';
import type { Evaluate, TypedCall, TypedExpression, TypedUserCall } from './typed.ts';
import { evaluateCall } from './user-functions.ts';

/**
 * An expression over a source's columns as a plain function on rows in the order of `columns`.
 * BAD_DEFINITION with every unknown column and type error, each with its path inside the tree.
 */
export function compileExpression(tree: Expression, columns: readonly Field[], path: string): CompiledExpression {
  return compileInScope(tree, columnScope(columns), path);
}

/** As `compileExpression`, over whatever the scope resolves. */
export function compileInScope(tree: Expression, scope: ExpressionScope, path: string): CompiledExpression {
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
export function functionOf(
  node: TypedExpression,
  anomalies: AnomalyCounts = noAnomalies(),
  userCall: UserCall = evaluateCall,
): Evaluate {
  switch (node.kind) {
    case 'input': {
      const { column } = node;
      return (row) => row[column] ?? null;
    }
    case 'literal': {
      const { value } = node;
      return () => value;
    }
    case 'call':
    case 'userCall': {
      if (!isConstant(node)) return callOf(node, anomalies, userCall);
      const value = callOf(node, anomalies, evaluateCall)([]);
      return () => value;
    }
  }
}

type UserCall = (node: TypedUserCall, args: readonly Evaluate[]) => Evaluate;

function callOf(node: TypedCall | TypedUserCall, anomalies: AnomalyCounts, userCall: UserCall): Evaluate {
  const evaluated = node.args.map((arg) => functionOf(arg, anomalies, userCall));
  if (node.kind === 'userCall') return userCall(node, evaluated);
  const { args, type } = node;
  return expressionFunctions[node.op].compile(evaluated, { args, type, anomalies });
}

/** True where the value depends on no row. */
export function isConstant(node: TypedExpression): boolean {
  return node.kind === 'literal' || ('args' in node && node.args.every(isConstant));
}
