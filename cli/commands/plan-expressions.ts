import { type TranslatedExpression, translateExpression } from '../../adapters/duckdb/expressions/translate.ts';
import { needsKernel } from '../../adapters/duckdb/join/kernel-inputs.ts';
import type { CompiledExpression } from '../../core/definitions/compiled.ts';
import type { Definitions, Expression } from '../../core/definitions/model.ts';
import { createProblems } from '../../core/definitions/problems.ts';
import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import { validateDefinitions } from '../../core/definitions/validate.ts';
import { printExpression } from '../../core/expressions/print.ts';
import { type AggregateRole, expressionsOf } from '../../core/registry/placed-expressions.ts';
import { compileWithFunctions } from '../functions/compile.ts';

/** How one expression of a feature is computed offline. */
export interface PlannedExpression {
  /** view.feature */
  readonly feature: string;
  /** Of an aggregate: where it stands. */
  readonly role: AggregateRole | null;
  readonly text: string;
  /** The parts that run as the reference function, on all rows or only on some; the rest is SQL. */
  readonly functions: readonly { readonly text: string; readonly rows: 'all' | 'some' }[];
}

/**
 * For each expression which of its nodes DuckDB computes itself and which run as the function that serves online.
 * Null where the definitions are not whole by themselves.
 */
export async function plannedExpressions(definitions: Definitions): Promise<readonly PlannedExpression[] | null> {
  const registry = await compiled(definitions);
  if (registry === null) return null;
  return expressionsOf(registry).flatMap(({ view, feature, role, accumulator, expression }) => {
    const name = `${view}.${feature}`;
    if (accumulator === null) return [planned(name, role, expression)];
    // A lone column is no expression to anyone who reads the plan.
    if (!('args' in expression.typed)) return [];
    return [needsKernel(accumulator) ? asFunction(name, role, expression) : planned(name, role, expression)];
  });
}

async function compiled(definitions: Definitions): Promise<CompiledRegistry | null> {
  const problems = createProblems();
  validateDefinitions(definitions, problems);
  return problems.found.length > 0 ? null : compileWithFunctions(definitions);
}

/** Kernels read their events in Node, where nothing else than the function runs. */
function asFunction(feature: string, role: AggregateRole | null, { tree }: CompiledExpression): PlannedExpression {
  const text = printExpression(tree);
  return { feature, role, text, functions: [{ text, rows: 'all' }] };
}

function planned(feature: string, role: AggregateRole | null, { tree, typed }: CompiledExpression): PlannedExpression {
  // Only the choice is asked for.
  const translated = translateExpression(typed, () => 'function()');
  return { feature, role, text: printExpression(tree), functions: functionsIn(tree, translated) };
}

/** The outermost first; what is a part of a function is not told again. */
function functionsIn(tree: Expression, { engine, args }: TranslatedExpression): PlannedExpression['functions'] {
  const text = printExpression(tree);
  if (engine === 'function') return [{ text, rows: 'all' }];
  const trees = 'args' in tree ? tree.args : [];
  const inner = args.flatMap((arg, index) => functionsIn(trees[index]!, arg));
  return engine === 'both' ? [{ text, rows: 'some' }, ...inner] : inner;
}

/** "SQL" or what is not, by expression. */
export function expressionsText(expressions: readonly PlannedExpression[] | null): string {
  if (expressions === null) {
    return 'How expressions are computed offline is shown for files that define all they refer to.';
  }
  if (expressions.length === 0) return 'There are no expressions to compute offline.';
  const lines = expressions.flatMap(({ feature, role, text, functions }) => [
    `    ${feature}${role === null ? '' : ` ${role}`}: ${text}`,
    ...functions.map((one) =>
      one.rows === 'all' ? `        function: ${one.text}` : `        function on some rows: ${one.text}`,
    ),
  ]);
  return ['Offline these run in SQL, but for what is told beneath them:', ...lines].join('\n');
}
