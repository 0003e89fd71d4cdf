import { sameType, t } from '../../definitions/value-types.ts';
import { valueToDouble } from '../../values/integers.ts';
import type { Value, ValueType } from '../../values/types.ts';
import { type ExpressionFunction, type FunctionDocumentation, strictNulls } from '../function.ts';
import { number, vector as vectors } from '../type-sets.ts';
import { decimal, float64, int64, vector } from './literal-nodes.ts';
import { float64Result } from './numeric-types.ts';
import { strictBinary, strictUnary } from './strict.ts';

type Elements = readonly number[];
type Documented = Pick<FunctionDocumentation, 'summary' | 'bounds' | 'examples'>;

const inOrder = 'Doubles are added from the first element to the last. NULL, counted, where it is not finite.';

/** A number from two vectors of one length. */
function ofPair(operation: (a: Elements, b: Elements) => number | null, documented: Documented): ExpressionFunction {
  return {
    group: 'vectors',
    documentation: { ...documented, nulls: strictNulls, gives: 'float64' },
    parameters: { a: { takes: vectors }, b: { takes: vectors } },
    literals: 'asWritten',
    resultType: ([a, b]) => (sameType(a!.type, b!.type) ? t.float64 : { expected: 'two vectors of one length' }),
    compile: ([left, right], { anomalies }) =>
      strictBinary(left!, right!, (a, b) => {
        const result = operation(a as Elements, b as Elements);
        return result === null ? null : float64Result(result, anomalies);
      }),
  };
}

function dotProduct(a: Elements, b: Elements): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

export const dot = ofPair(dotProduct, {
  summary: 'The dot product: how much two embeddings agree, and how long they are.',
  bounds: inOrder,
  examples: [
    [[vector(1, 2), vector(3, 4)], 11],
    [[vector(1e200, 0), vector(1e200, 0)], null],
  ],
});

export const cosine = ofPair(
  (a, b) => {
    const lengths = Math.sqrt(dotProduct(a, a)) * Math.sqrt(dotProduct(b, b));
    // Rounding can bring it just beyond 1.
    return lengths === 0 ? null : Math.max(-1, Math.min(1, dotProduct(a, b) / lengths));
  },
  {
    summary: 'The cosine of the angle between two vectors, from −1 to 1: a · b / (|a| · |b|).',
    bounds: `A vector of zeros has no direction: NULL. ${inOrder}`,
    examples: [
      [[vector(1, 0), vector(3, 0)], 1],
      [[vector(1, 0), vector(0, 2)], 0],
      [[vector(0, 0), vector(1, 0)], null],
    ],
  },
);

export const distance = ofPair(
  (a, b) => {
    let sum = 0;
    for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
    return Math.sqrt(sum);
  },
  {
    summary: 'The Euclidean distance between two vectors.',
    bounds: inOrder,
    examples: [
      [[vector(0, 0), vector(3, 4)], 5],
      [[vector(1, 2), vector(1, 2)], 0],
    ],
  },
);

export const norm: ExpressionFunction = {
  group: 'vectors',
  documentation: {
    summary: 'The Euclidean length of a vector.',
    nulls: strictNulls,
    bounds: inOrder,
    gives: 'float64',
    examples: [
      [[vector(3, 4)], 5],
      [[vector(0, 0)], 0],
    ],
  },
  parameters: { x: { takes: vectors } },
  literals: 'asWritten',
  resultType: () => t.float64,
  compile: ([argument], { anomalies }) =>
    strictUnary(argument!, (x) => float64Result(Math.sqrt(dotProduct(x as Elements, x as Elements)), anomalies)),
};

/** A vector whose elements are computed one by one; NULL where one of them is not finite. */
function elementwise(size: number, element: (at: number) => number, anomalies: { notFinite: number }): Value {
  const result = new Array<number>(size);
  for (let at = 0; at < size; at++) {
    const value = element(at);
    if (!Number.isFinite(value)) {
      anomalies.notFinite++;
      return null;
    }
    result[at] = value + 0;
  }
  return result;
}

export const vectorAdd: ExpressionFunction = {
  group: 'vectors',
  documentation: {
    summary: 'The sum of two vectors, element by element.',
    nulls: strictNulls,
    bounds: 'NULL, counted, where an element is not finite.',
    gives: "the vectors' type",
    examples: [
      [
        [vector(1, 2), vector(3, -2)],
        [4, 0],
      ],
      [[vector(1e308, 0), vector(1e308, 0)], null],
    ],
  },
  parameters: { a: { takes: vectors }, b: { takes: vectors } },
  literals: 'asWritten',
  resultType: ([a, b]) => (sameType(a!.type, b!.type) ? a!.type : { expected: 'two vectors of one length' }),
  compile: ([left, right], { type, anomalies }) => {
    const size = lengthOf(type);
    return strictBinary(left!, right!, (a, b) =>
      elementwise(size, (at) => (a as Elements)[at]! + (b as Elements)[at]!, anomalies),
    );
  },
};

export const vectorScale: ExpressionFunction = {
  group: 'vectors',
  documentation: {
    summary: 'A vector times a number, element by element.',
    nulls: strictNulls,
    bounds: 'NULL, counted, where an element is not finite.',
    gives: "the vector's type",
    examples: [
      [
        [vector(1, -2), int64(3)],
        [3, -6],
      ],
      [
        [vector(1, 0), float64(-0.5)],
        [-0.5, 0],
      ],
    ],
  },
  parameters: { x: { takes: vectors }, by: { takes: number } },
  literals: 'asWritten',
  resultType: ([x]) => x!.type,
  compile: ([left, right], { type, anomalies }) => {
    const size = lengthOf(type);
    return strictBinary(left!, right!, (x, by) => {
      const factor = valueToDouble(by);
      return elementwise(size, (at) => (x as Elements)[at]! * factor, anomalies);
    });
  },
};

function lengthOf(type: ValueType): number {
  return (type as Extract<ValueType, { kind: 'vector' }>).length;
}

export const toVector: ExpressionFunction = {
  group: 'vectors',
  documentation: {
    summary: 'A vector of numbers, of any numeric types, as their nearest doubles.',
    nulls: strictNulls,
    bounds: 'Doubles hold integers exactly up to 2⁵³.',
    gives: 'vector(n) of n numbers',
    examples: [
      [
        [int64(1), decimal('0.50')],
        [1, 0.5],
      ],
      [[float64(0.25)], [0.25]],
      [[int64(1), int64(null)], null],
    ],
  },
  parameters: { element: { takes: number } },
  repeated: ['element'],
  literals: 'asWritten',
  resultType: (args) => t.vector(args.length),
  compile: (args) => (row) => {
    const result = new Array<number>(args.length);
    for (let index = 0; index < args.length; index++) {
      const value = args[index]!(row);
      if (value === null) return null;
      result[index] = valueToDouble(value);
    }
    return result;
  },
};
