import { leavesOf } from '../expressions/leaves.ts';
import type { AggregateDefinition, Expression, FeatureDefinition } from './model.ts';

/** A column as a feature's value (or part of it), as the input of an aggregate, in its condition, or as its category. */
export type ColumnUse = 'VALUE' | 'INPUT' | 'WHERE' | 'BY';

export interface ColumnRead {
  readonly column: string;
  readonly use: ColumnUse;
}

/** The source columns that a feature reads itself, once for each use; what its inputs read is theirs. */
export function columnsRead(feature: FeatureDefinition): readonly ColumnRead[] {
  switch (feature.kind) {
    case 'column':
      return [{ column: feature.column, use: 'VALUE' }];
    case 'aggregate':
      return columnsOfAggregate(feature.aggregate);
    case 'ratio':
      return [...columnsOfAggregate(feature.numerator), ...columnsOfAggregate(feature.denominator)];
    case 'derived':
      return ofExpression(feature.expression, 'VALUE');
  }
}

export function columnsOfAggregate({ input, where, by }: AggregateDefinition): readonly ColumnRead[] {
  return [...ofExpression(input, 'INPUT'), ...ofExpression(where, 'WHERE'), ...ofExpression(by?.expression, 'BY')];
}

function ofExpression(tree: Expression | undefined, use: ColumnUse): readonly ColumnRead[] {
  const leaves = tree === undefined ? [] : leavesOf(tree);
  return [...new Set(leaves.flatMap((leaf) => (leaf.op === 'col' ? [leaf.name] : [])))].map((column) => ({
    column,
    use,
  }));
}
