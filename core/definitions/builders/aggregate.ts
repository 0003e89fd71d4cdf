import { AsofError } from '../../errors/asof-error.ts';
import {
  type AnyExpression,
  col,
  type NeedsAs,
  type Refused,
  type Said,
  type TypeOf,
} from '../../expressions/builder.ts';
import type { DurationText } from '../../time/duration.ts';
import { describeInput } from '../../values/describe-input.ts';
import type { ValueType } from '../../values/types.ts';
import type { AggregateDefinition, AggregateFunction, Expression } from '../model.ts';
import type {
  BoolType,
  ExactType,
  Float64Type,
  IdentityType,
  NumericType,
  OrderedType,
  VectorType,
} from '../value-types.ts';
import { aggregateFeature, FeatureBuilder } from './feature.ts';
import { expressionGiven } from './given.ts';

/** A column's name, or an expression over the event's columns. */
type InputOperand = string | AnyExpression;

/** No restriction where an expression can have one of these types; else the reason why not, in the words of the plan. */
type Fits<I, Wanted extends ValueType, Why extends string> = I extends AnyExpression
  ? [TypeOf<I>['kind'] & Wanted['kind']] extends [never]
    ? Refused<`${Why}; got ${TypeOf<I>['kind']}`>
    : unknown
  : unknown;
type InputNeeds<I, Wanted> = I extends string ? { readonly [K in I]: Wanted } : NeedsAs<I, Wanted>;

type NoCondition = 'is no condition; expected bool';
type NoCategory = `cannot be a category; expected ${IdentityKinds}`;
type NotTaken<Fn extends string, Kinds extends string> = `${Fn} does not take this type; expected ${Kinds}`;

export const defaultDistinctCap = 1_000;
export const defaultCategoryCap = 100;

/** An aggregation of events; `.over(window)` or `.lifetime()` makes it a feature. */
export class AggregateBuilder<in Needs, out Type extends ValueType = ValueType> {
  declare readonly needs?: (columns: Needs) => void;
  declare readonly type?: Type;
  readonly definition: AggregateDefinition;

  constructor(definition: AggregateDefinition) {
    this.definition = definition;
  }

  /** Counts only events for which the condition is TRUE. A second `where` narrows the first. */
  where<C extends AnyExpression>(
    condition: C & Fits<C, BoolType, NoCondition>,
  ): AggregateBuilder<Needs & NeedsAs<C, BoolType & Said<NoCondition>>, Type> {
    const { where } = this.definition;
    const tree = expressionGiven(condition, 'where(…)');
    const both: Expression = where === undefined ? tree : { op: 'and', args: [where, tree] };
    return new AggregateBuilder({ ...this.definition, where: both });
  }

  /** A map with one value for each category; beyond `cap` categories it is NULL and flagged. */
  by<I extends InputOperand>(
    category: I & Fits<I, IdentityType, NoCategory>,
    { cap = defaultCategoryCap }: { readonly cap?: number } = {},
  ): AggregateBuilder<Needs & InputNeeds<I, IdentityType & Said<NoCategory>>> {
    return new AggregateBuilder({ ...this.definition, by: { expression: inputTree(category, 'by'), cap } });
  }

  /** Over the window that ends now: whole seconds, at least the view's grain. */
  over(window: DurationText): FeatureBuilder<Needs, Type> {
    return aggregateFeature(this.definition, window);
  }

  /** Over everything up to now. */
  lifetime(): FeatureBuilder<Needs, Type> {
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

  over(window: DurationText): FeatureBuilder<Needs, Float64Type> {
    return this.#feature(window);
  }

  lifetime(): FeatureBuilder<Needs, Float64Type> {
    return this.#feature('lifetime');
  }

  #feature(window: string): FeatureBuilder<Needs, Float64Type> {
    return new FeatureBuilder({ kind: 'ratio', numerator: this.#numerator, denominator: this.#denominator, window });
  }
}

function aggregateGiven(given: AggregateBuilder<never>, place: string): AggregateDefinition {
  if (typeof given?.over === 'function') return given.definition;
  throw new AsofError('BAD_DEFINITION', 'is no aggregate', {
    path: `ratio(…), its ${place}`,
    expected: "one without a window, as countRows() or sum('amount')",
    got: describeInput(given),
    remedy: 'Give the window to the ratio: ratio(a, b).over(…).',
  });
}

function inputTree(input: InputOperand, call: string): Expression {
  return typeof input === 'string' ? col(input).tree : expressionGiven(input, `${call}(…)`);
}

type Input<Fn extends string, I, Wanted extends ValueType, Kinds extends string> = I &
  Fits<I, Wanted, NotTaken<Fn, Kinds>>;

/** An aggregation of one input, which must be of type `Wanted`; messages call these types `Kinds`. It gives a `Type`. */
function aggregation<
  Fn extends AggregateFunction,
  Wanted extends ValueType,
  Kinds extends string,
  Type extends ValueType = ValueType,
>(fn: Fn) {
  return <I extends InputOperand>(
    input: Input<Fn, I, Wanted, Kinds>,
  ): AggregateBuilder<InputNeeds<I, Wanted & Said<NotTaken<Fn, Kinds>>>, Type> =>
    new AggregateBuilder({ function: fn, input: inputTree(input, fn) });
}

/** Lists of `k` values. */
function listAggregation<Fn extends AggregateFunction, Wanted extends ValueType, Kinds extends string>(fn: Fn) {
  return <I extends InputOperand>(
    input: Input<Fn, I, Wanted, Kinds>,
    k: number,
  ): AggregateBuilder<InputNeeds<I, Wanted & Said<NotTaken<Fn, Kinds>>>> =>
    new AggregateBuilder({ function: fn, input: inputTree(input, fn), k });
}

type Count = { readonly kind: 'int64' };
type IntegerKinds = 'int32, int64';
type ExactKinds = `${IntegerKinds}, decimal`;
type SummableKinds = `${ExactKinds}, float64, vector`;
type OrderedKinds = `${ExactKinds}, float64, string, timestamp`;
type IdentityKinds = `${ExactKinds}, string, bool, timestamp`;
type Anything = 'any type';

/** Events, whatever their values; 0 in an empty window. */
export function countRows(): AggregateBuilder<unknown, Count> {
  return new AggregateBuilder({ function: 'countRows' });
}

/** Events whose input is not NULL; 0 in an empty window. */
export const count = aggregation<'count', ValueType, Anything, Count>('count');
/** Exact on integers and decimals; approximate on float64; element-wise on vectors. */
export const sum = aggregation<'sum', NumericType | VectorType, SummableKinds>('sum');
export const avg = aggregation<'avg', NumericType | VectorType, SummableKinds>('avg');
/** Sample variance; NULL for fewer than two values. float64 is not offered. */
export const variance = aggregation<'varSamp', ExactType, ExactKinds, Float64Type>('varSamp');
export const variancePop = aggregation<'varPop', ExactType, ExactKinds, Float64Type>('varPop');
/** Sample standard deviation; NULL for fewer than two values. float64 is not offered. */
export const stddev = aggregation<'stddevSamp', ExactType, ExactKinds, Float64Type>('stddevSamp');
export const stddevPop = aggregation<'stddevPop', ExactType, ExactKinds, Float64Type>('stddevPop');
export const min = aggregation<'min', OrderedType, OrderedKinds>('min');
export const max = aggregation<'max', OrderedType, OrderedKinds>('max');
/** The oldest value that is not NULL. */
export const first = aggregation<'first', ValueType, Anything>('first');
/** The newest value that is not NULL. */
export const last = aggregation<'last', ValueType, Anything>('last');
/** Up to `k` values, oldest first. */
export const firstN = listAggregation<'firstN', ValueType, Anything>('firstN');
/** Up to `k` values, newest first. */
export const lastN = listAggregation<'lastN', ValueType, Anything>('lastN');
/** The `k` greatest values, descending, then newest first. */
export const topK = listAggregation<'topK', OrderedType, OrderedKinds>('topK');
/** The `k` least values, ascending, then oldest first. */
export const bottomK = listAggregation<'bottomK', OrderedType, OrderedKinds>('bottomK');
/** Exact up to `cap` distinct values, an estimate beyond. */
export function countDistinct<I extends InputOperand>(
  input: Input<'countDistinct', I, IdentityType, IdentityKinds>,
  { cap = defaultDistinctCap }: { readonly cap?: number } = {},
): AggregateBuilder<InputNeeds<I, IdentityType & Said<NotTaken<'countDistinct', IdentityKinds>>>, Count> {
  return new AggregateBuilder({ function: 'countDistinct', input: inputTree(input, 'countDistinct'), cap });
}
/** An estimate (HyperLogLog, 4096 registers, about 1.6 %). */
export const approxCountDistinct = aggregation<'approxCountDistinct', IdentityType, IdentityKinds, Count>(
  'approxCountDistinct',
);
/** The value at a rank in 0 < q < 1, within 1/256 of itself. A number or exact decimal text: "0.95". */
export function approxQuantile<I extends InputOperand>(
  input: Input<'approxQuantile', I, ExactType, ExactKinds>,
  q: number | string,
): AggregateBuilder<InputNeeds<I, ExactType & Said<NotTaken<'approxQuantile', ExactKinds>>>> {
  return new AggregateBuilder({ function: 'approxQuantile', input: inputTree(input, 'approxQuantile'), q: String(q) });
}
/** Counts per interval between ascending edges, with `below` and `above`; or per declared category, with `other`. */
export function histogram<I extends InputOperand>(
  input: I,
  buckets: { readonly edges: readonly (number | string)[] } | { readonly categories: readonly string[] },
): AggregateBuilder<InputNeeds<I, ExactType | { readonly kind: 'string' }>> {
  const declared = 'edges' in buckets ? { edges: buckets.edges.map(String) } : { categories: [...buckets.categories] };
  return new AggregateBuilder({ function: 'histogram', input: inputTree(input, 'histogram'), ...declared });
}
/** double(numerator) / double(denominator) over one window; x/0 is NULL. */
export function ratio<A, B>(numerator: AggregateBuilder<A>, denominator: AggregateBuilder<B>): RatioBuilder<A & B> {
  return new RatioBuilder(aggregateGiven(numerator, 'numerator'), aggregateGiven(denominator, 'denominator'));
}
