import { compareValues } from '../../values/compare.ts';
import { valueToDouble } from '../../values/integers.ts';
import type { Value } from '../../values/types.ts';
import { type ConstantRule, type Example, type ExpressionFunction, strictNulls } from '../function.ts';
import { number, ordered } from '../type-sets.ts';
import type { TypedExpression, TypedLiteral } from '../typed.ts';
import { oneType } from './choice.ts';
import { constantNumber } from './constants.ts';
import { decimal, float64, instant, int64, text } from './literal-nodes.ts';
import { float64Result } from './numeric-types.ts';
import { strictUnary } from './strict.ts';

function extreme(
  isBetter: (order: number) => boolean,
  summary: string,
  examples: readonly Example[],
): ExpressionFunction {
  return {
    group: 'numbers',
    documentation: {
      summary,
      nulls: strictNulls,
      bounds: 'The values have one type; text goes by its UTF-8 bytes.',
      gives: "the values' type",
      examples,
    },
    parameters: { a: { takes: ordered }, b: { takes: ordered } },
    repeated: ['b'],
    literals: 'same',
    resultType: oneType,
    compile:
      (args, { type }) =>
      (row) => {
        let best: Value = null;
        for (const argument of args) {
          const value = argument(row);
          if (value === null) return null;
          if (best === null || isBetter(compareValues(type, value, best))) best = value;
        }
        return best;
      },
  };
}

export const least = extreme((order) => order < 0, 'The least of the values.', [
  [[int64(3), int64(1), int64(2)], 1],
  [[text('b'), text('B')], 'B'],
  [[int64(3), int64(null)], null],
]);

export const greatest = extreme((order) => order > 0, 'The greatest of the values.', [
  [[decimal('-2.00'), decimal('-10.00')], '-2.00'],
  [[instant('2001-05-01T12:00:00Z'), instant('2001-05-01T13:00:00+02:00')], '2001-05-01T12:00:00.000Z'],
]);

export const clip: ExpressionFunction = {
  group: 'numbers',
  documentation: {
    summary: 'The number, no less than `lo` and no more than `hi`.',
    nulls: strictNulls,
    bounds:
      '`lo` and `hi` have the type of `x` and are included. Literals with lo > hi are refused; else, where lo > hi, it is NULL.',
    gives: 'the type of `x`',
    examples: [
      [[int64(150), int64(0), int64(100)], 100],
      [[float64(-0.5), int64(0), int64(1)], 0],
      [[decimal('9.99'), decimal('0.00'), decimal('50.00')], '9.99'],
      [[int64(null), int64(0), int64(1)], null],
    ],
  },
  parameters: { x: { takes: number }, lo: { takes: number }, hi: { takes: number } },
  literals: 'same',
  resultType(args) {
    const type = oneType(args);
    if ('expected' in type) return type;
    const [, lo, hi] = args;
    const isEmpty = isPresent(lo!) && isPresent(hi!) && compareValues(type, lo.value, hi.value) > 0;
    return isEmpty ? { expected: 'lo ≤ hi', argument: 2 } : type;
  },
  compile([x, lo, hi], { type }) {
    const order =
      type.kind === 'decimal'
        ? (a: Value, b: Value) => compareValues(type, a, b)
        : (a: Value, b: Value) => (a! < b! ? -1 : a! > b! ? 1 : 0);
    return (row) => {
      const value = x!(row);
      const least = lo!(row);
      const most = hi!(row);
      if (value === null || least === null || most === null || order(least, most) > 0) return null;
      return order(value, least) < 0 ? least : order(value, most) > 0 ? most : value;
    };
  },
};

function isPresent(arg: TypedExpression): arg is TypedLiteral {
  return arg.kind === 'literal' && arg.value !== null;
}

/** Statistics of the training set, written into the definition: a change of them is a new version. */
const statistic: ConstantRule = {
  text: 'a number',
  accepts: () => true,
  samples: [float64(-1.5), int64(3), decimal('2.50')],
};
const spread: ConstantRule = {
  text: 'a number above 0',
  accepts: (value) => valueToDouble(value) > 0,
  samples: [float64(0.5), int64(10), decimal('2.50')],
};

export const zScore: ExpressionFunction = {
  group: 'numbers',
  documentation: {
    summary: 'How many standard deviations a number lies above the mean: (x − mean) / stddev.',
    nulls: strictNulls,
    bounds: 'In doubles. The statistics are literals, so that training and serving use the same; stddev is above 0.',
    gives: 'float64',
    examples: [
      [[int64(130), float64(100), float64(15)], 2],
      [[decimal('7.50'), int64(10), float64(2.5)], -1],
      [[int64(null), int64(0), int64(1)], null],
    ],
  },
  parameters: {
    x: { takes: number },
    mean: { takes: number, constant: statistic },
    stddev: { takes: number, constant: spread },
  },
  literals: 'asWritten',
  resultType: () => ({ kind: 'float64' }),
  compile: ([argument], { args: [, mean, stddev], anomalies }) => {
    const origin = constantNumber(mean);
    const size = constantNumber(stddev);
    return strictUnary(argument!, (x) => float64Result((valueToDouble(x) - origin) / size, anomalies));
  },
};

export const minMax: ExpressionFunction = {
  group: 'numbers',
  documentation: {
    summary: 'Where a number lies between two others, 0 at `min` and 1 at `max`: (x − min) / (max − min).',
    nulls: strictNulls,
    bounds: 'In doubles; not clipped: outside it is below 0 or above 1. `min` and `max` are literals, min < max.',
    gives: 'float64',
    examples: [
      [[int64(15), int64(10), int64(20)], 0.5],
      [[float64(25), int64(10), int64(20)], 1.5],
      [[float64(null), int64(10), int64(20)], null],
    ],
  },
  parameters: {
    x: { takes: number },
    min: { takes: number, constant: { ...statistic, samples: [float64(-1.5), int64(-3)] } },
    max: { takes: number, constant: { ...statistic, samples: [float64(0.5), decimal('2.50')] } },
  },
  literals: 'asWritten',
  resultType: ([, min, max]) =>
    constantNumber(min) < constantNumber(max) ? { kind: 'float64' } : { expected: 'min < max', argument: 2 },
  compile: ([argument], { args: [, min, max], anomalies }) => {
    const origin = constantNumber(min);
    const size = constantNumber(max) - origin;
    return strictUnary(argument!, (x) => float64Result((valueToDouble(x) - origin) / size, anomalies));
  },
};
