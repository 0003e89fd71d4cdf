import type { ValueType } from '../../values/types.ts';
import type { AggregateDefinition, Described, Expression, FeatureDefinition, JsonValue } from '../model.ts';

export type Description = string | Described;

type WithoutName<T> = T extends unknown ? Omit<T, 'name'> : never;
/** A feature before its view names it. */
export type DescribedFeature = WithoutName<FeatureDefinition>;

/**
 * A feature whose name is its key in the view's `features`. `Needs`: the columns or inputs that it reads; `Type`: its
 * result as far as it is known while writing.
 */
export class FeatureBuilder<in Needs, out Type extends ValueType = ValueType> {
  declare readonly needs?: (columns: Needs) => void;
  declare readonly type?: Type;
  readonly definition: DescribedFeature;

  constructor(definition: DescribedFeature) {
    this.definition = definition;
  }

  /** Replaces the value of a cell that is not PRESENT; the cell says `defaulted`. */
  default(value: JsonValue): FeatureBuilder<Needs, Type> {
    return new FeatureBuilder({ ...this.definition, default: value });
  }

  /** What people search and read; never part of the version. */
  describe(description: Description): FeatureBuilder<Needs, Type> {
    const described = typeof description === 'string' ? { description } : description;
    return new FeatureBuilder({ ...this.definition, ...described });
  }

  toFeature(): DescribedFeature {
    return this.definition;
  }
}

/** A lone column is what row views store; anything else is derived. */
export function expressionFeature<Needs, Type extends ValueType>(tree: Expression): FeatureBuilder<Needs, Type> {
  return new FeatureBuilder(
    tree.op === 'col' ? { kind: 'column', column: tree.name } : { kind: 'derived', expression: tree },
  );
}

export function aggregateFeature<Needs, Type extends ValueType>(
  aggregate: AggregateDefinition,
  window: string,
): FeatureBuilder<Needs, Type> {
  return new FeatureBuilder({ kind: 'aggregate', aggregate, window });
}
