import type { AggregateDefinition, FeatureDefinition } from '../../core/definitions/model.ts';
import { printExpression } from '../../core/expressions/print.ts';

/** How a feature comes about, as a person writes it: `avg(delayMinutes) where delayMinutes > 15`. */
export function describeFeature(feature: FeatureDefinition): string {
  switch (feature.kind) {
    case 'column':
      return feature.column;
    case 'aggregate':
      return describeAggregate(feature.aggregate);
    case 'ratio':
      return `${operand(feature.numerator)} / ${operand(feature.denominator)}`;
    case 'derived':
      return printExpression(feature.expression);
  }
}

function describeAggregate(aggregate: AggregateDefinition): string {
  const input = aggregate.input === undefined ? [] : [printExpression(aggregate.input)];
  const settings = [aggregate.k, aggregate.cap, aggregate.q, aggregate.edges, aggregate.categories]
    .filter((setting) => setting !== undefined)
    .map((setting) => JSON.stringify(setting));
  const where = aggregate.where === undefined ? '' : ` where ${printExpression(aggregate.where)}`;
  const by = aggregate.by === undefined ? '' : ` by ${printExpression(aggregate.by.expression)}`;
  return `${aggregate.function}(${[...input, ...settings].join(', ')})${where}${by}`;
}

function operand(aggregate: AggregateDefinition): string {
  const text = describeAggregate(aggregate);
  return text.includes(' ') ? `(${text})` : text;
}
