import { AsofError } from '../../errors/asof-error.ts';
import { describeInput } from '../../values/describe-input.ts';
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

/**
 * What a view was given as a feature. Definitions run without a look at their types, so it may be anything.
 *
 * @param path where it stands
 * @throws AsofError BAD_DEFINITION for what is no feature
 */
export function featureOf(given: unknown, path: string): DescribedFeature {
  if (hasMethod(given, 'toFeature')) return (given as FeatureBuilder<never>).toFeature();
  const isOpen = hasMethod(given, 'over');
  throw new AsofError('BAD_DEFINITION', 'is no feature', {
    path,
    expected: "what makes one, as countRows().over('1h') or col('city')",
    got: isOpen ? 'an aggregate without a window' : describeInput(given),
    remedy: remedyFor(given, isOpen),
  });
}

function remedyFor(given: unknown, isOpen: boolean): string {
  if (isOpen) return "Say over what: .over('1h'), or .lifetime().";
  if (typeof given === 'string') return `For the column of that name write col(${JSON.stringify(given)}).`;
  if (typeof given === 'function') return 'Call it.';
  return 'A constant is no feature: write it where it is used.';
}

function hasMethod(given: unknown, name: string): boolean {
  return typeof given === 'object' && given !== null && typeof (given as Record<string, unknown>)[name] === 'function';
}
