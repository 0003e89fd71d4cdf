import type { AggregateDefinition, Described, Expression, FeatureDefinition, JsonValue } from '../model.ts';

export type Description = string | Described;

type WithoutName<T> = T extends unknown ? Omit<T, 'name'> : never;
/** A feature before its view names it. */
export type DescribedFeature =
  | WithoutName<FeatureDefinition>
  | (Described & { readonly kind: 'expression'; readonly expression: Expression; readonly default?: JsonValue });

/** A feature whose name is its key in the view's `features`. `Needs`: the columns or inputs that it reads. */
export class FeatureBuilder<in Needs> {
  declare readonly needs?: (columns: Needs) => void;
  readonly definition: DescribedFeature;

  constructor(definition: DescribedFeature) {
    this.definition = definition;
  }

  /** Replaces the value of a cell that is not PRESENT; the cell says `defaulted`. */
  default(value: JsonValue): FeatureBuilder<Needs> {
    return new FeatureBuilder({ ...this.definition, default: value });
  }

  /** What people search and read; never part of the version. */
  describe(description: Description): FeatureBuilder<Needs> {
    const described = typeof description === 'string' ? { description } : description;
    return new FeatureBuilder({ ...this.definition, ...described });
  }

  toFeature(): DescribedFeature {
    return this.definition;
  }
}

/** A lone column is what row views store; anything else is computed. */
export function expressionFeature<Needs>(tree: Expression): FeatureBuilder<Needs> {
  return new FeatureBuilder(
    tree.op === 'col' ? { kind: 'column', column: tree.name } : { kind: 'expression', expression: tree },
  );
}

export function aggregateFeature<Needs>(aggregate: AggregateDefinition, window: string): FeatureBuilder<Needs> {
  return new FeatureBuilder({ kind: 'aggregate', aggregate, window });
}
