import { type AnyExpression, col, type NeedsAs } from '../../expressions/builder.ts';
import type { DurationText } from '../../time/duration.ts';
import type { ValueType } from '../../values/types.ts';
import type { AggregateDefinition, AggregateFunction, Expression } from '../model.ts';
import type { BoolType, ExactType, IdentityType, NumericType, OrderedType, VectorType } from '../value-types.ts';
import { aggregateFeature, FeatureBuilder } from './feature.ts';

/** A column's name, or an expression over the event's columns. */
type Input = string | AnyExpression;
type InputNeeds<I, Wanted> = I extends string ? { readonly [K in I]: Wanted } : NeedsAs<I, Wanted>;

export const defaultDistinctCap = 1_000;
export const defaultCategoryCap = 100;

/** An aggregation of events; `.over(window)` or `.lifetime()` makes it a feature. */
export class AggregateBuilder<in Needs> {
  declare readonly needs?: (columns: Needs) => void;
  readonly definition: AggregateDefinition;

  constructor(definition: AggregateDefinition) {
    this.definition = definition;
  }

  /** Counts only events for which the condition is TRUE. A second `where` narrows the first. */
  where<C extends AnyExpression>(condition: C): AggregateBuilder<Needs & NeedsAs<C, BoolType>> {
    const { where } = this.definition;
    const both: Expression = where === undefined ? condition.tree : { op: 'and', args: [where, condition.tree] };
    return new AggregateBuilder({ ...this.definition, where: both });
  }

  /** A map with one value for each category; beyond `cap` categories it is NULL and flagged. */
  by<I extends Input>(
    category: I,
    { cap = defaultCategoryCap }: { readonly cap?: number } = {},
  ): AggregateBuilder<Needs & InputNeeds<I, IdentityType>> {
    return new AggregateBuilder({ ...this.definition, by: { expression: inputTree(category), cap } });
  }

  /** Over the window that ends now: whole seconds, at least the view's grain. */
  over(window: DurationText): FeatureBuilder<Needs> {
    return aggregateFeature(this.definition, window);
  }

  /** Over everything up to now. */
  lifetime(): FeatureBuilder<Needs> {
    return aggregateFeature(this.definition, 'lifetime');
  }
}

/** double(numerator) / double(denominator); x/0 is NULL. */
export class RatioBuilder<in Needs> {
  declare readonly needs?: (columns: Needs) => void;
  readonly #numerator: AggregateDefinition;
  readonly #denominator: AggregateDefinition;

  constructor(numerator: AggregateDefinition, denominator: AggregateDefinition) {
    this.#numerator = numerator;
    this.#denominator = denominator;
  }

  over(window: DurationText): FeatureBuilder<Needs> {
    return this.#feature(window);
  }

  lifetime(): FeatureBuilder<Needs> {
    return this.#feature('lifetime');
  }

  #feature(window: string): FeatureBuilder<Needs> {
    return new FeatureBuilder({ kind: 'ratio', numerator: this.#numerator, denominator: this.#denominator, window });
  }
}

function inputTree(input: Input): Expression {
  return typeof input === 'string' ? col(input).tree : input.tree;
}

/** An aggregation of one input, which must be of type `Wanted`. */
function aggregation<Wanted extends ValueType>(fn: AggregateFunction) {
  return <I extends Input>(input: I): AggregateBuilder<InputNeeds<I, Wanted>> =>
    new AggregateBuilder({ function: fn, input: inputTree(input) });
}

/** Lists of `k` values. */
function listAggregation<Wanted extends ValueType>(fn: AggregateFunction) {
  return <I extends Input>(input: I, k: number): AggregateBuilder<InputNeeds<I, Wanted>> =>
    new AggregateBuilder({ function: fn, input: inputTree(input), k });
}

/** Events, whatever their values; 0 in an empty window. */
export function countRows(): AggregateBuilder<unknown> {
  return new AggregateBuilder({ function: 'countRows' });
}

/** Events whose input is not NULL; 0 in an empty window. */
export const count = aggregation<ValueType>('count');
/** Exact on integers and decimals; approximate on float64; element-wise on vectors. */
export const sum = aggregation<NumericType | VectorType>('sum');
export const avg = aggregation<NumericType | VectorType>('avg');
/** Sample variance; NULL for fewer than two values. float64 is not offered. */
export const variance = aggregation<ExactType>('varSamp');
export const variancePop = aggregation<ExactType>('varPop');
/** Sample standard deviation; NULL for fewer than two values. float64 is not offered. */
export const stddev = aggregation<ExactType>('stddevSamp');
export const stddevPop = aggregation<ExactType>('stddevPop');
export const min = aggregation<OrderedType>('min');
export const max = aggregation<OrderedType>('max');
/** The oldest value that is not NULL. */
export const first = aggregation<ValueType>('first');
/** The newest value that is not NULL. */
export const last = aggregation<ValueType>('last');
/** Up to `k` values, oldest first. */
export const firstN = listAggregation<ValueType>('firstN');
/** Up to `k` values, newest first. */
export const lastN = listAggregation<ValueType>('lastN');
/** The `k` greatest values, descending, then newest first. */
export const topK = listAggregation<OrderedType>('topK');
/** The `k` least values, ascending, then oldest first. */
export const bottomK = listAggregation<OrderedType>('bottomK');
/** Exact up to `cap` distinct values, an estimate beyond. */
export function countDistinct<I extends Input>(
  input: I,
  { cap = defaultDistinctCap }: { readonly cap?: number } = {},
): AggregateBuilder<InputNeeds<I, IdentityType>> {
  return new AggregateBuilder({ function: 'countDistinct', input: inputTree(input), cap });
}
/** An estimate (HyperLogLog, 4096 registers, about 1.6 %). */
export const approxCountDistinct = aggregation<IdentityType>('approxCountDistinct');
/** The value at a rank in 0 < q < 1, within 1/256 of itself. A number or exact decimal text: "0.95". */
export function approxQuantile<I extends Input>(
  input: I,
  q: number | string,
): AggregateBuilder<InputNeeds<I, ExactType>> {
  return new AggregateBuilder({ function: 'approxQuantile', input: inputTree(input), q: String(q) });
}
/** Counts per interval between ascending edges, with `below` and `above`; or per declared category, with `other`. */
export function histogram<I extends Input>(
  input: I,
  buckets: { readonly edges: readonly (number | string)[] } | { readonly categories: readonly string[] },
): AggregateBuilder<InputNeeds<I, ExactType | { readonly kind: 'string' }>> {
  const declared = 'edges' in buckets ? { edges: buckets.edges.map(String) } : { categories: [...buckets.categories] };
  return new AggregateBuilder({ function: 'histogram', input: inputTree(input), ...declared });
}
/** double(numerator) / double(denominator) over one window; x/0 is NULL. */
export function ratio<A, B>(numerator: AggregateBuilder<A>, denominator: AggregateBuilder<B>): RatioBuilder<A & B> {
  return new RatioBuilder(numerator.definition, denominator.definition);
}
