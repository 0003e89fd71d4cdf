import { integerKinds, numericKinds, sameType } from '../definitions/value-types.ts';
import { powerOfTen, unitsOf } from '../values/decimal.ts';
import { type Integer, multiplyIntegers, toInteger, valueToDouble } from '../values/integers.ts';
import type { Value, ValueType } from '../values/types.ts';
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
} from './numbers.ts';
import type { Evaluate, ExpressionFunction } from './typed.ts';

type Binary = (a: Exclude<Value, null>, b: Exclude<Value, null>) => Value;

/** NULL when either side is. */
function strict([left, right]: readonly Evaluate[], operation: Binary): Evaluate {
  const a = left!;
  const b = right!;
  return (row) => {
    const x = a(row);
    if (x === null) return null;
    const y = b(row);
    return y === null ? null : operation(x, y);
  };
}

const bothNumeric = 'two numbers of the same type (an integer literal adapts to the other side)';

function isNumericPair([a, b]: readonly ValueType[]): boolean {
  return numericKinds.includes(a!.kind) && (sameType(a!, b!) || (isDecimal(a!) && isDecimal(b!)));
}

/** On int32, int64 and float64. */
function plainOperation(type: ValueType, arithmetic: Arithmetic): Binary {
  if (type.kind === 'int32' || type.kind === 'int64') {
    const { kind } = type;
    const operation = integerOperation(arithmetic);
    return (a, b) => withinInteger(kind, operation(a as Integer, b as Integer));
  }
  return (a, b) => float64Result(arithmetic.exact(a as number, b as number));
}

function sumLike(arithmetic: Arithmetic): ExpressionFunction {
  return {
    minArgs: 2,
    maxArgs: 2,
    literals: 'arithmetic',
    resultType(args) {
      if (!isNumericPair(args)) return bothNumeric;
      const [a, b] = args as [ValueType, ValueType];
      return isDecimal(a) && isDecimal(b) ? decimalSumType(a, b) : a;
    },
    compile(args, types, result) {
      if (!isDecimal(result)) return strict(args, plainOperation(result, arithmetic));
      const [left, right] = types.map((type) => toInteger(powerOfTen(result.scale - scaleOf(type))));
      const operation = integerOperation(arithmetic);
      return strict(args, (a, b) => {
        const x = multiplyIntegers(unitsOf(a as string), left!);
        return withinDecimal(result, operation(x, multiplyIntegers(unitsOf(b as string), right!)));
      });
    },
  };
}

const difference: Arithmetic = { exact: (a, b) => a - b, wide: (a, b) => a - b };
const product: Arithmetic = { exact: (a, b) => a * b, wide: (a, b) => a * b };

export const add = sumLike({ exact: (a, b) => a + b, wide: (a, b) => a + b });
export const sub = sumLike(difference);

export const mul: ExpressionFunction = {
  minArgs: 2,
  maxArgs: 2,
  literals: 'arithmetic',
  resultType(args) {
    if (!isNumericPair(args)) return bothNumeric;
    const [a, b] = args as [ValueType, ValueType];
    if (!isDecimal(a) || !isDecimal(b)) return a;
    return decimalProductType(a, b) ?? 'decimals whose scales add up to at most 38';
  },
  compile(args, _types, result) {
    if (!isDecimal(result)) return strict(args, plainOperation(result, product));
    return strict(args, (a, b) => withinDecimal(result, multiplyIntegers(unitsOf(a as string), unitsOf(b as string))));
  },
};

/** double(a) / double(b) of any two numbers, so their types need not agree; x/0 is NULL. */
export const div: ExpressionFunction = {
  minArgs: 2,
  maxArgs: 2,
  literals: 'asWritten',
  resultType: (args) =>
    args.every(({ kind }) => numericKinds.includes(kind)) ? { kind: 'float64' } : 'two numbers, of any numeric types',
  compile: (args) =>
    strict(args, (a, b) => {
      const divisor = valueToDouble(b);
      return divisor === 0 ? null : float64Result(valueToDouble(a) / divisor);
    }),
};

function integerDivision(arithmetic: Arithmetic): ExpressionFunction {
  return {
    minArgs: 2,
    maxArgs: 2,
    literals: 'arithmetic',
    resultType([a, b]) {
      return integerKinds.includes(a!.kind) && sameType(a!, b!) ? a! : 'two integers of the same type';
    },
    compile(args, _types, result) {
      const operation = plainOperation(result, arithmetic);
      return strict(args, (a, b) => (b === 0 ? null : operation(a, b)));
    },
  };
}

export const idiv = integerDivision({ exact: truncatedQuotient, wide: (a, b) => a / b });
export const mod = integerDivision({ exact: (a, b) => a % b, wide: (a, b) => a % b });

/** `0 - x` where asked for: as a subtraction, so that overflow and the sign of zero follow one rule. */
function negation(isNegated: (value: Exclude<Value, null>) => boolean): ExpressionFunction {
  return {
    minArgs: 1,
    maxArgs: 1,
    literals: 'asWritten',
    resultType: ([type]) => (numericKinds.includes(type!.kind) ? type! : 'a number'),
    compile([argument], _types, result) {
      const minus = plainOperation(result, difference);
      const negate = isDecimal(result)
        ? (value: Exclude<Value, null>) => withinDecimal(result, multiplyIntegers(unitsOf(value as string), -1))
        : (value: Exclude<Value, null>) => minus(0, value);
      return (row) => {
        const value = argument!(row);
        if (value === null) return null;
        return isNegated(value) ? negate(value) : value;
      };
    },
  };
}

export const neg = negation(() => true);
export const abs = negation((value) => (typeof value === 'string' ? value.startsWith('-') : (value as Integer) < 0));
