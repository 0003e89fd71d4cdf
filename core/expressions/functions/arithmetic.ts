import { sameType } from '../../definitions/value-types.ts';
import { powerOfTen, unitsOf } from '../../values/decimal.ts';
import { type Integer, multiplyIntegers, toInteger, valueToDouble } from '../../values/integers.ts';
import type { Value, ValueType } from '../../values/types.ts';
import type { AnomalyCounts } from '../anomalies.ts';
import { type Example, type ExpressionFunction, type FunctionDocumentation, strictNulls } from '../function.ts';
import { integer, number } from '../type-sets.ts';
import type { TypedExpression } from '../typed.ts';
import { decimal, float64, int32, int64 } from './literal-nodes.ts';
import {
  type Arithmetic,
  decimalProductType,
  decimalSumType,
  float64Result,
  integerOperation,
  isDecimal,
  scaleOf,
  truncatedQuotient,
  withinDecimal,
  withinInteger,
} from './numeric-types.ts';
import { type Present, strictBinary, strictUnary } from './strict.ts';

type Binary = (a: Present, b: Present) => Value;

const bothNumeric = 'two numbers of the same type (an integer literal adapts to the other side)';
const overflowBounds =
  'Exact on integers and decimals; NULL, counted, outside the type, and where a float64 is not finite.';

function isNumericPair([a, b]: readonly TypedExpression[]): boolean {
  return sameType(a!.type, b!.type) || (isDecimal(a!.type) && isDecimal(b!.type));
}

/** On int32, int64 and float64. */
function plainOperation(type: ValueType, arithmetic: Arithmetic, anomalies: AnomalyCounts): Binary {
  if (type.kind === 'int32' || type.kind === 'int64') {
    const { kind } = type;
    const operation = integerOperation(arithmetic);
    return (a, b) => withinInteger(kind, operation(a as Integer, b as Integer), anomalies);
  }
  return (a, b) => float64Result(arithmetic.exact(a as number, b as number), anomalies);
}

const twoNumbers = { a: { takes: number }, b: { takes: number } };

function sumLike(
  arithmetic: Arithmetic,
  documented: Pick<FunctionDocumentation, 'summary' | 'examples'>,
): ExpressionFunction {
  return {
    group: 'arithmetic',
    documentation: {
      ...documented,
      nulls: strictNulls,
      bounds: overflowBounds,
      gives: "the numbers' type; decimals get room for every digit and one to carry, at most 38",
    },
    parameters: twoNumbers,
    literals: 'arithmetic',
    resultType(args) {
      if (!isNumericPair(args)) return { expected: bothNumeric };
      const [a, b] = args.map(({ type }) => type) as [ValueType, ValueType];
      return isDecimal(a) && isDecimal(b) ? decimalSumType(a, b) : a;
    },
    compile([first, second], { args, type, anomalies }) {
      if (!isDecimal(type)) return strictBinary(first!, second!, plainOperation(type, arithmetic, anomalies));
      const [left, right] = args.map((arg) => toInteger(powerOfTen(type.scale - scaleOf(arg.type))));
      const operation = integerOperation(arithmetic);
      return strictBinary(first!, second!, (a, b) => {
        const x = multiplyIntegers(unitsOf(a as string), left!);
        return withinDecimal(type, operation(x, multiplyIntegers(unitsOf(b as string), right!)), anomalies);
      });
    },
  };
}

const difference: Arithmetic = { exact: (a, b) => a - b, wide: (a, b) => a - b };
const product: Arithmetic = { exact: (a, b) => a * b, wide: (a, b) => a * b };

export const add = sumLike(
  { exact: (a, b) => a + b, wide: (a, b) => a + b },
  {
    summary: 'The sum.',
    examples: [
      [[int64(2), int64(3)], 5],
      [[decimal('0.10'), decimal('0.20')], '0.30'],
      [[float64(0.1), float64(0.2)], 0.30000000000000004],
      [[int64('9223372036854775807'), int64(1)], null],
    ],
  },
);

export const sub = sumLike(difference, {
  summary: 'The difference.',
  examples: [
    [[int64(2), int64(3)], -1],
    [[decimal('9.99'), int64(10)], '-0.01'],
    [[int32(-2147483648), int32(1)], null],
  ],
});

export const mul: ExpressionFunction = {
  group: 'arithmetic',
  documentation: {
    summary: 'The product.',
    nulls: strictNulls,
    bounds: overflowBounds,
    gives: "the numbers' type; decimals get the sum of both precisions (at most 38) and of both scales",
    examples: [
      [[int64(-2), int64(3)], -6],
      [[decimal('1.50'), int64(3)], '4.50'],
      [[float64(1e308), float64(10)], null],
    ],
  },
  parameters: twoNumbers,
  literals: 'arithmetic',
  resultType(args) {
    if (!isNumericPair(args)) return { expected: bothNumeric };
    const [a, b] = args.map(({ type }) => type) as [ValueType, ValueType];
    if (!isDecimal(a) || !isDecimal(b)) return a;
    return decimalProductType(a, b) ?? { expected: 'decimals whose scales add up to at most 38' };
  },
  compile([left, right], { type, anomalies }) {
    if (!isDecimal(type)) return strictBinary(left!, right!, plainOperation(type, product, anomalies));
    return strictBinary(left!, right!, (a, b) =>
      withinDecimal(type, multiplyIntegers(unitsOf(a as string), unitsOf(b as string)), anomalies),
    );
  },
};

export const div: ExpressionFunction = {
  group: 'arithmetic',
  documentation: {
    summary: 'Float division: the nearest double of `a` by that of `b`, whatever their numeric types.',
    nulls: `${strictNulls} x/0 is NULL.`,
    bounds: 'NULL, counted, where the quotient is not finite.',
    gives: 'float64',
    examples: [
      [[int64(1), int64(4)], 0.25],
      [[decimal('0.10'), int64(3)], 0.1 / 3],
      [[int64(1), int64(0)], null],
    ],
  },
  parameters: twoNumbers,
  literals: 'asWritten',
  resultType: () => ({ kind: 'float64' }),
  compile: ([left, right], { anomalies }) =>
    strictBinary(left!, right!, (a, b) => {
      const divisor = valueToDouble(b);
      return divisor === 0 ? null : float64Result(valueToDouble(a) / divisor, anomalies);
    }),
};

function integerDivision(arithmetic: Arithmetic, summary: string, examples: readonly Example[]): ExpressionFunction {
  return {
    group: 'arithmetic',
    documentation: {
      summary,
      nulls: `${strictNulls} By 0 it is NULL.`,
      bounds: 'NULL, counted, for the one quotient that overflows: the least integer by -1.',
      gives: "the integers' type",
      examples,
    },
    parameters: { a: { takes: integer }, b: { takes: integer } },
    literals: 'arithmetic',
    resultType: ([a, b]) => (sameType(a!.type, b!.type) ? a!.type : { expected: 'two integers of the same type' }),
    compile([left, right], { type, anomalies }) {
      const operation = plainOperation(type, arithmetic, anomalies);
      return strictBinary(left!, right!, (a, b) => (b === 0 ? null : operation(a, b)));
    },
  };
}

export const idiv = integerDivision(
  { exact: truncatedQuotient, wide: (a, b) => a / b },
  'Integer division, truncated toward zero.',
  [
    [[int64(-7), int64(2)], -3],
    [[int64(7), int64(0)], null],
    [[int64('-9223372036854775808'), int64(-1)], null],
  ],
);

export const mod = integerDivision(
  { exact: (a, b) => a % b, wide: (a, b) => a % b },
  'The remainder of `idiv`, with the sign of `a`.',
  [
    [[int64(-7), int64(2)], -1],
    [[int64(7), int64(-2)], 1],
    [[int64(7), int64(0)], null],
  ],
);

/** `0 - x` where asked for: as a subtraction, so that overflow and the sign of zero follow one rule. */
function negation(
  isNegated: (value: Present) => boolean,
  summary: string,
  examples: readonly Example[],
): ExpressionFunction {
  return {
    group: 'arithmetic',
    documentation: {
      summary,
      nulls: strictNulls,
      bounds: 'NULL, counted, for the least int32 and int64, which have no positive counterpart.',
      gives: "the number's type",
      examples,
    },
    parameters: { x: { takes: number } },
    literals: 'asWritten',
    resultType: ([x]) => x!.type,
    compile([argument], { type, anomalies }) {
      const minus = plainOperation(type, difference, anomalies);
      const negate = isDecimal(type)
        ? (value: Present) => withinDecimal(type, multiplyIntegers(unitsOf(value as string), -1), anomalies)
        : (value: Present) => minus(0, value);
      return strictUnary(argument!, (value) => (isNegated(value) ? negate(value) : value));
    },
  };
}

export const neg = negation(() => true, 'The number with its sign turned.', [
  [[int64(5)], -5],
  [[float64(0)], 0],
  [[int64('-9223372036854775808')], null],
]);

export const abs = negation(
  (value) => (typeof value === 'string' ? value.startsWith('-') : (value as Integer) < 0),
  'The magnitude.',
  [
    [[int64(-5)], 5],
    [[decimal('-1.20')], '1.20'],
    [[int32(-2147483648)], null],
  ],
);
