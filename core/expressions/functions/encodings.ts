import { sameType } from '../../definitions/value-types.ts';
import { compareValues } from '../../values/compare.ts';
import { powerOfTen, unitsOf } from '../../values/decimal.ts';
import { type Integer, toInteger } from '../../values/integers.ts';
import { bucketOf, stableHash } from '../../values/stable-hash.ts';
import type { Value, ValueType } from '../../values/types.ts';
import { type ConstantRule, type ExpressionFunction, type Refusal, strictNulls } from '../function.ts';
import { identity, integer, list, number } from '../type-sets.ts';
import type { TypedExpression } from '../typed.ts';
import { constantNumber, constantOf, wholeNumber } from './constants.ts';
import { decimal, decimals, float64, float64s, int64, int64s, text, texts } from './literal-nodes.ts';
import { isDecimal, scaleOf } from './numeric-types.ts';
import { strictUnary } from './strict.ts';

const int64Type: ValueType = { kind: 'int64' };
const maxEntries = 10_000;

type Elements = readonly Exclude<Value, null>[];

function isFilled(value: Value): value is Elements {
  const elements = value as readonly Value[];
  return elements.length > 0 && elements.length <= maxEntries && !elements.includes(null);
}

function elementType(literal: TypedExpression | undefined): ValueType {
  return (literal!.type as Extract<ValueType, { kind: 'list' }>).element;
}

const ascendingEdges: ConstantRule = {
  text: `a list of 1 to ${maxEntries} ascending numbers`,
  accepts(value, type) {
    const element = (type as Extract<ValueType, { kind: 'list' }>).element;
    const isAscending = (edge: Value, index: number, edges: Elements) =>
      index === 0 || compareValues(element, edges[index - 1]!, edge) < 0;
    return number.kinds.includes(element.kind) && isFilled(value) && value.every(isAscending);
  },
  samples: [int64s([0, 10, 100]), float64s([-0.5, 0.25]), decimals(['0.00', '9.99'])],
};

export const bucketize: ExpressionFunction = {
  group: 'encodings',
  documentation: {
    summary: 'The number of the interval between edges: how many edges are not above x.',
    nulls: strictNulls,
    bounds:
      'Intervals are [edge, next edge): 0 is below the first edge, n at or above the last of n. Edges have the type of x, or are decimals as it is.',
    gives: 'int64',
    examples: [
      [[int64(-5), int64s([0, 10, 100])], 0],
      [[int64(10), int64s([0, 10, 100])], 2],
      [[float64(0.3), float64s([0.25, 0.5])], 1],
      [[decimal('9.99'), decimals(['9.985', '10.000'])], 1],
      [[int64(null), int64s([0])], null],
    ],
  },
  parameters: { x: { takes: number }, edges: { takes: list, constant: ascendingEdges } },
  literals: 'same',
  resultType([x, edges]) {
    const element = elementType(edges);
    const fits = sameType(x!.type, element) || (isDecimal(x!.type) && isDecimal(element));
    return fits ? int64Type : { expected: 'a number and edges of its type' };
  },
  compile([argument], { args: [x, edges] }) {
    const { type } = x!;
    const given = constantOf(edges) as Elements;
    if (!isDecimal(type)) return strictUnary(argument!, (value) => countUpTo(given as Integer[], value as Integer));
    const thresholds = given.map((edge) =>
      ceilingUnits(unitsOf(edge as string), scaleOf(elementType(edges)), type.scale),
    );
    return strictUnary(argument!, (value) => countUpTo(thresholds, unitsOf(value as string)));
  },
};

/** The least units of 10^-scale that are not below units of 10^-from. */
function ceilingUnits(units: Integer, from: number, scale: number): Integer {
  if (scale >= from) return toInteger(BigInt(units) * powerOfTen(scale - from));
  const unit = powerOfTen(from - scale);
  const quotient = BigInt(units) / unit;
  return toInteger(units > 0 && quotient * unit !== BigInt(units) ? quotient + 1n : quotient);
}

/** How many of the ascending edges are not above x, by halving. */
function countUpTo(edges: readonly Integer[], x: Integer): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges[middle]! <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}

const distinctValues: ConstantRule = {
  text: `a list of 1 to ${maxEntries} distinct values`,
  accepts: (value, type) =>
    identity.kinds.includes((type as Extract<ValueType, { kind: 'list' }>).element.kind) &&
    isFilled(value) &&
    new Set(value).size === value.length,
  samples: [texts(['ATL', 'ORD', 'é']), int64s([3, 1, 2])],
};

const vocabulary = { takes: list, constant: distinctValues };

function ofVocabulary([x, values]: readonly TypedExpression[], type: (size: number) => ValueType): ValueType | Refusal {
  if (!sameType(x!.type, elementType(values))) return { expected: 'a value and a vocabulary of its type' };
  return type((constantOf(values) as Elements).length);
}

function positions(literal: TypedExpression | undefined): ReadonlyMap<Value, number> {
  return new Map((constantOf(literal) as Elements).map((value, index) => [value, index]));
}

export const ordinal: ExpressionFunction = {
  group: 'encodings',
  documentation: {
    summary: 'The place of a value in a vocabulary, from 0; unseen values go to `unseen` further places by their hash.',
    nulls: `${strictNulls} NULL for a value that is not in the vocabulary, when there are no further places.`,
    bounds:
      'With n values and u further places the result is below n + u. The vocabulary is part of the definition: a change of it is a new version.',
    gives: 'int64',
    examples: [
      [[text('ORD'), texts(['ATL', 'ORD'])], 1],
      [[text('LAX'), texts(['ATL', 'ORD'])], null],
      [[text('LAX'), texts(['ATL', 'ORD']), int64(1)], 2],
      [[int64(7), int64s([7, 9])], 0],
      [[text(null), texts(['ATL'])], null],
    ],
  },
  parameters: {
    x: { takes: identity },
    vocabulary,
    unseen: { takes: integer, constant: wholeNumber(1, maxEntries, [int64(1), int64(5)]) },
  },
  optional: 1,
  literals: 'same',
  resultType: (args) => ofVocabulary(args, () => int64Type),
  compile([argument], { args: [x, values, unseen] }) {
    const known = positions(values);
    if (unseen === undefined) return strictUnary(argument!, (value) => known.get(value) ?? null);
    const further = constantNumber(unseen);
    return strictUnary(
      argument!,
      (value) => known.get(value) ?? known.size + bucketOf(stableHash(x!.type, value), further),
    );
  },
};

export const oneHot: ExpressionFunction = {
  group: 'encodings',
  documentation: {
    summary: 'A vector with one element for each value of a vocabulary: 1 at the place of x, 0 elsewhere.',
    nulls: strictNulls,
    bounds: 'All 0 for a value that is not in the vocabulary, which is part of the definition.',
    gives: 'vector(n) of n values',
    examples: [
      [
        [text('ORD'), texts(['ATL', 'ORD', 'LAX'])],
        [0, 1, 0],
      ],
      [
        [text('JFK'), texts(['ATL', 'ORD'])],
        [0, 0],
      ],
      [[text(null), texts(['ATL', 'ORD'])], null],
    ],
  },
  parameters: { x: { takes: identity }, vocabulary },
  literals: 'same',
  resultType: (args) => ofVocabulary(args, (length) => ({ kind: 'vector', length })),
  compile([argument], { args: [, values] }) {
    const known = positions(values);
    return strictUnary(argument!, (value) => unitVector(known.size, known.get(value)));
  },
};

/** All 0, but 1 at the place where there is one. */
export function unitVector(size: number, place: number | undefined): readonly number[] {
  const vector = new Array<number>(size).fill(0);
  if (place !== undefined) vector[place] = 1;
  return vector;
}
