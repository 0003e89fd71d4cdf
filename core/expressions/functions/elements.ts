import { numericKinds, orderedKinds, type TypeKind, t } from '../../definitions/value-types.ts';
import { compareValues } from '../../values/compare.ts';
import { powerOfTen, unitsOf } from '../../values/decimal.ts';
import { addIntegers, double, type Integer, toInteger } from '../../values/integers.ts';
import type { Value, ValueType } from '../../values/types.ts';
import type { AnomalyCounts } from '../anomalies.ts';
import { type Example, type ExpressionFunction, type Refusal, strictNulls } from '../function.ts';
import { listOrVector } from '../type-sets.ts';
import type { TypedExpression } from '../typed.ts';
import { decimals, float64s, int64s, texts, vector } from './literal-nodes.ts';
import { float64Result, scaleOf, withinDecimal, withinInteger } from './numeric-types.ts';
import { strictUnary } from './strict.ts';

type Summary = (elements: readonly Value[]) => Value;

interface OfElements {
  readonly summary: string;
  readonly bounds: string;
  readonly gives: string;
  readonly examples: readonly Example[];
  /** Of the elements. */
  readonly kinds: readonly TypeKind[];
  readonly result: (element: ValueType) => ValueType;
  readonly compute: (element: ValueType, anomalies: AnomalyCounts) => Summary;
}

function ofElements({ summary, bounds, gives, examples, kinds, result, compute }: OfElements): ExpressionFunction {
  return {
    group: 'collections',
    documentation: {
      summary,
      nulls: `${strictNulls} Elements that are NULL are left out; of nothing it is NULL.`,
      bounds,
      gives,
      examples,
    },
    parameters: { x: { takes: listOrVector } },
    literals: 'asWritten',
    resultType([x]): ValueType | Refusal {
      const element = elementOf(x!);
      return kinds.includes(element.kind) ? result(element) : { expected: `elements that are ${kinds.join(', ')}` };
    },
    compile([argument], { args: [x], anomalies }) {
      const ofList = compute(elementOf(x!), anomalies);
      return strictUnary(argument!, (value) => ofList(value as readonly Value[]));
    },
  };
}

function elementOf({ type }: TypedExpression): ValueType {
  return type.kind === 'list' ? type.element : t.float64;
}

/** The exact sum, in units of the elements' scale, and how many there are. */
function integerSum(elements: readonly Value[], element: ValueType): { sum: Integer; count: number } {
  let sum: Integer = 0;
  let count = 0;
  for (const value of elements) {
    if (value === null) continue;
    sum = addIntegers(sum, element.kind === 'decimal' ? unitsOf(value as string) : (value as Integer));
    count++;
  }
  return { sum, count };
}

/** The sum from the first to the last; doubles are added in that order in every engine. */
function doubleSum(elements: readonly Value[]): { sum: number; count: number } {
  let sum = 0;
  let count = 0;
  for (const value of elements) {
    if (value === null) continue;
    sum += value as number;
    count++;
  }
  return { sum, count };
}

function sumType(element: ValueType): ValueType {
  if (element.kind === 'decimal') return t.decimal(38, element.scale);
  return element.kind === 'int32' ? t.int64 : element;
}

export const sumOf = ofElements({
  summary: 'The sum of the elements.',
  bounds: 'Integers and decimals exactly, doubles from the first to the last. NULL, counted, outside the type.',
  gives: 'int64, float64, or decimal(38,s) of decimal(p,s)',
  examples: [
    [[int64s([1, null, 2])], 3],
    [[decimals(['0.100', '0.200'])], '0.300'],
    [[vector(0.5, 1.5)], 2],
    [[int64s([])], null],
  ],
  kinds: numericKinds,
  result: sumType,
  compute(element, anomalies) {
    const type = sumType(element);
    if (type.kind === 'float64') {
      return (elements) => {
        const { sum, count } = doubleSum(elements);
        return count === 0 ? null : float64Result(sum, anomalies);
      };
    }
    return (elements) => {
      const { sum, count } = integerSum(elements, element);
      if (count === 0) return null;
      return type.kind === 'decimal' ? withinDecimal(type, sum, anomalies) : withinInteger('int64', sum, anomalies);
    };
  },
});

export const avgOf = ofElements({
  summary: 'The mean of the elements.',
  bounds:
    'Of integers and decimals double(S) / double(n · 10ˢ) with S the exact sum, as the aggregate `avg`; doubles are added from the first to the last.',
  gives: 'float64',
  examples: [
    [[int64s([1, null, 2])], 1.5],
    [[vector(1, 2, 6)], 3],
    [[float64s([null])], null],
  ],
  kinds: numericKinds,
  result: () => t.float64,
  compute(element, anomalies) {
    if (element.kind === 'float64') {
      return (elements) => {
        const { sum, count } = doubleSum(elements);
        return count === 0 ? null : float64Result(sum / count, anomalies);
      };
    }
    const unit = powerOfTen(scaleOf(element));
    return (elements) => {
      const { sum, count } = integerSum(elements, element);
      return count === 0 ? null : double(sum) / double(toInteger(BigInt(count) * unit));
    };
  },
});

function extremeOf(isBetter: (order: number) => boolean, summary: string, examples: readonly Example[]) {
  return ofElements({
    summary,
    bounds: 'Numbers by value, text by its UTF-8 bytes.',
    gives: "the elements' type; float64 of a vector",
    examples,
    kinds: orderedKinds,
    result: (element) => element,
    compute: (element) => (elements) => {
      let best: Value = null;
      for (const value of elements) {
        if (value === null) continue;
        if (best === null || isBetter(compareValues(element, value, best))) best = value;
      }
      return best;
    },
  });
}

export const minOf = extremeOf((order) => order < 0, 'The least of the elements.', [
  [[int64s([3, null, 2])], 2],
  [[texts(['b', 'B'])], 'B'],
  [[int64s([])], null],
]);

export const maxOf = extremeOf((order) => order > 0, 'The greatest of the elements.', [
  [[int64s([3, null, 2])], 3],
  [[vector(-1.5, -2)], -1.5],
]);
