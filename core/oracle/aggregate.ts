import type { Accumulator, SourceRecord } from '../definitions/compiled.ts';
import type { AggregateDefinition } from '../definitions/model.ts';
import type { Value, ValueType } from '../values/types.ts';
import { bucketQuantile, histogramOf } from './buckets.ts';
import { canonicalText, estimateDistinct, hash64 } from './distinct.ts';
import { average, sum, variance } from './numbers.ts';
import { compare, compareEvents } from './order.ts';

/** An event with the aggregate's input, which is not NULL. */
export interface Input {
  readonly event: SourceRecord;
  readonly x: Value;
}

/**
 * The value of one aggregate over the counting events of one window.
 *
 * @param idType the type of the source's event id; null = dedupe by place
 */
export function aggregateOver(
  accumulator: Accumulator,
  events: readonly SourceRecord[],
  idType: ValueType | null,
): Value {
  const { where, by, definition } = accumulator;
  const passing = where === null ? events : events.filter((event) => where.evaluate(event.values) === true);
  if (by === null || definition.by === undefined) return aggregate(accumulator, passing, idType);

  const categories = new Map<string, SourceRecord[]>();
  for (const event of passing) {
    const category = by.evaluate(event.values);
    if (category === null) continue;
    const name = canonicalText(by.type, category);
    const sameCategory = categories.get(name);
    if (sameCategory === undefined) categories.set(name, [event]);
    else sameCategory.push(event);
  }
  if (categories.size === 0 || categories.size > definition.by.cap) return null;
  const names = [...categories.keys()].sort((a, b) => compare({ kind: 'string' }, a, b));
  return new Map(names.map((name) => [name, aggregate(accumulator, categories.get(name)!, idType)]));
}

function aggregate(accumulator: Accumulator, events: readonly SourceRecord[], idType: ValueType | null): Value {
  const { definition, input } = accumulator;
  if (definition.function === 'countRows') return events.length;
  if (input === null) throw new TypeError(`${definition.function} needs an input`);

  const inputs: Input[] = events
    .map((event) => ({ event, x: input.evaluate(event.values) }))
    .filter(({ x }) => x !== null);
  const values = inputs.map(({ x }) => x);
  if (definition.function === 'count') return values.length;
  if (definition.function === 'countDistinct') return countDistinct(input.type, values, definition.cap);
  if (values.length === 0) return null;

  switch (definition.function) {
    case 'sum':
      return sum(input.type, values);
    case 'avg':
      return average(input.type, values);
    case 'varSamp':
    case 'varPop':
      return variance(input.type, values, definition.function === 'varSamp');
    case 'stddevSamp':
    case 'stddevPop': {
      const squared = variance(input.type, values, definition.function === 'stddevSamp');
      return squared === null ? null : Math.sqrt(squared);
    }
    case 'min':
      return values.reduce((a, b) => (compare(input.type, b, a) < 0 ? b : a));
    case 'max':
      return values.reduce((a, b) => (compare(input.type, b, a) > 0 ? b : a));
    case 'approxCountDistinct':
      return estimateDistinct(values.map((x) => hash64(input.type, x)));
    case 'approxQuantile':
      return bucketQuantile(input.type, values, definition.q ?? '');
    case 'histogram':
      return histogramOf(input.type, values, definition);
    case 'first':
    case 'last':
      return chosenInOrder(definition, input.type, inputs, idType)[0]!.x;
    case 'firstN':
    case 'lastN':
    case 'topK':
    case 'bottomK':
      return chosenInOrder(definition, input.type, inputs, idType).map(({ x }) => x);
  }
}

/** first, last, firstN, lastN, topK, bottomK: sort everything, take from the front. */
export function chosenInOrder(
  { function: name, k = 1 }: AggregateDefinition,
  type: ValueType,
  inputs: readonly Input[],
  idType: ValueType | null,
): Input[] {
  const oldestFirst = (a: Input, b: Input) => compareEvents(idType, a.event, b.event);
  const newestFirst = (a: Input, b: Input) => oldestFirst(b, a);
  const smallestFirst = (a: Input, b: Input) => compare(type, a.x, b.x) || oldestFirst(a, b);
  const largestFirst = (a: Input, b: Input) => compare(type, b.x, a.x) || newestFirst(a, b);
  const take = (order: (a: Input, b: Input) => number) => [...inputs].sort(order).slice(0, k);
  switch (name) {
    case 'first':
    case 'firstN':
      return take(oldestFirst);
    case 'last':
    case 'lastN':
      return take(newestFirst);
    case 'bottomK':
      return take(smallestFirst);
    case 'topK':
      return take(largestFirst);
    default:
      throw new TypeError(`${name} has no order`);
  }
}

function countDistinct(type: ValueType, values: readonly Value[], cap: number | undefined): number {
  const hashes = new Set(values.map((x) => hash64(type, x)));
  return cap === undefined || hashes.size <= cap ? hashes.size : estimateDistinct(hashes);
}
