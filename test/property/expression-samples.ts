import fc from 'fast-check';
import type { Expression } from '../../core/definitions/model.ts';
import { printExpression } from '../../core/expressions/print.ts';
import type { Field, Value } from '../../core/values/types.ts';
import { exactText } from './exact-text.ts';
import { columnTypes, expressionTree } from './expression-trees.ts';
import { valuesOfType } from './values-of-type.ts';

/** Two columns of each type. */
export const columns: readonly Field[] = columnTypes.flatMap((type, index) => [
  { name: `a${index}`, type },
  { name: `b${index}`, type },
]);

/** Each tree is computed for each row. */
export const batch = { rows: 300, trees: 40 };

export type SampleRows = readonly (readonly Value[])[];

/** Along `columns`. */
export function sampleRows(seed: number): SampleRows {
  const row = fc.tuple(...columns.map(({ type }) => fc.option(valuesOfType(type), { nil: null, freq: 8 })));
  return fc.sample(row, { numRuns: batch.rows, seed });
}

export function sampleTrees(seed: number): readonly Expression[] {
  return fc.sample(expressionTree(columns, 3), { numRuns: batch.trees, seed });
}

/** The calls among its arguments, to find the smallest part of a tree that differs. */
export function partsOf(tree: Expression): readonly Expression[] {
  return 'args' in tree ? tree.args.filter((part) => 'args' in part) : [];
}

export function describeDifference(tree: Expression, row: readonly Value[], difference: string): string {
  const printed = printExpression(tree);
  const used = columns.flatMap(({ name, type }, index) =>
    new RegExp(`\\b${name}\\b`).test(printed) ? [`${name} = ${exactText(type, row[index])}`] : [],
  );
  return `${printed}\nis ${difference}\nwith ${used.join(', ')}\n${JSON.stringify(tree)}`;
}
