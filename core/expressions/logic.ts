import { allKinds, orderedKinds, sameType, typeText } from '../definitions/value-types.ts';
import { compareUtf8 } from '../values/compare.ts';
import { powerOfTen, unitsOf } from '../values/decimal.ts';
import { multiplyIntegers, toInteger } from '../values/integers.ts';
import type { Value, ValueType } from '../values/types.ts';
import { isDecimal, scaleOf } from './numbers.ts';
import type { Evaluate, ExpressionFunction } from './typed.ts';

const bool: ValueType = { kind: 'bool' };
const comparableKinds = [...orderedKinds, 'bool'];

type Test = (a: Value, b: Value) => boolean;

/** Decimals of two scales are brought to the finer one. */
function decimalSign(a: ValueType, b: ValueType): (x: Value, y: Value) => number {
  const scale = Math.max(scaleOf(a), scaleOf(b));
  const left = toInteger(powerOfTen(scale - scaleOf(a)));
  const right = toInteger(powerOfTen(scale - scaleOf(b)));
  return (x, y) => {
    const m = multiplyIntegers(unitsOf(x as string), left);
    const n = multiplyIntegers(unitsOf(y as string), right);
    return m < n ? -1 : m > n ? 1 : 0;
  };
}

/** The sign of a comparison as a test: text by UTF-8 bytes, decimals by value. */
function signTest(a: ValueType, b: ValueType, test: (sign: number) => boolean): Test | null {
  if (a.kind === 'string') return (x, y) => test(compareUtf8(x as string, y as string));
  if (!isDecimal(a)) return null;
  const sign = decimalSign(a, b);
  return (x, y) => test(sign(x, y));
}

function comparison(kinds: readonly string[], plain: Test, test: (sign: number) => boolean): ExpressionFunction {
  return {
    minArgs: 2,
    maxArgs: 2,
    literals: 'same',
    resultType(args) {
      const [a, b] = args as [ValueType, ValueType];
      const pair = sameType(a, b) || (isDecimal(a) && isDecimal(b));
      return pair && kinds.includes(a.kind) ? bool : `two values of the same type, one of ${kinds.join(', ')}`;
    },
    compile([left, right], [a, b]) {
      return strictTest(left!, right!, signTest(a!, b!, test) ?? plain);
    },
  };
}

function strictTest(left: Evaluate, right: Evaluate, test: Test): Evaluate {
  return (row) => {
    const x = left(row);
    if (x === null) return null;
    const y = right(row);
    return y === null ? null : test(x, y);
  };
}

// `<` on a number and a bigint compares exactly, so integers need no common representation.
type Ordered = number | bigint;
export const eq = comparison(
  comparableKinds,
  (a, b) => a === b,
  (sign) => sign === 0,
);
export const ne = comparison(
  comparableKinds,
  (a, b) => a !== b,
  (sign) => sign !== 0,
);
export const lt = comparison(
  orderedKinds,
  (a, b) => (a as Ordered) < (b as Ordered),
  (sign) => sign < 0,
);
export const lte = comparison(
  orderedKinds,
  (a, b) => (a as Ordered) <= (b as Ordered),
  (sign) => sign <= 0,
);
export const gt = comparison(
  orderedKinds,
  (a, b) => (a as Ordered) > (b as Ordered),
  (sign) => sign > 0,
);
export const gte = comparison(
  orderedKinds,
  (a, b) => (a as Ordered) >= (b as Ordered),
  (sign) => sign >= 0,
);

/** AND is decided by the first FALSE, OR by the first TRUE; undecided, a NULL makes it NULL. */
function connective(decisive: boolean): ExpressionFunction {
  return {
    minArgs: 2,
    maxArgs: Number.POSITIVE_INFINITY,
    literals: 'asWritten',
    resultType: (args) => (args.every((type) => type.kind === 'bool') ? bool : 'bool operands'),
    compile: (args) => (row) => {
      let result: Value = !decisive;
      for (const argument of args) {
        const value = argument(row);
        if (value === decisive) return decisive;
        if (value === null) result = null;
      }
      return result;
    },
  };
}

export const and = connective(false);
export const or = connective(true);

export const not: ExpressionFunction = {
  minArgs: 1,
  maxArgs: 1,
  literals: 'asWritten',
  resultType: ([type]) => (type!.kind === 'bool' ? bool : 'a bool operand'),
  compile:
    ([argument]) =>
    (row) => {
      const value = argument!(row);
      return value === null ? null : !value;
    },
};

function nullTest(whenNull: boolean): ExpressionFunction {
  return {
    minArgs: 1,
    maxArgs: 1,
    literals: 'asWritten',
    resultType: () => bool,
    compile:
      ([argument]) =>
      (row) =>
        (argument!(row) === null) === whenNull,
  };
}

export const isNull = nullTest(true);
export const isNotNull = nullTest(false);

export const coalesce: ExpressionFunction = {
  minArgs: 1,
  maxArgs: Number.POSITIVE_INFINITY,
  literals: 'same',
  resultType: (args) => oneType(args) ?? 'values of one type',
  compile: (args) => (row) => {
    for (const argument of args) {
      const value = argument(row);
      if (value !== null) return value;
    }
    return null;
  },
};

/** `case(condition, value, condition, value, …, otherwise?)`: the first value whose condition is TRUE. */
export const caseWhen: ExpressionFunction = {
  minArgs: 2,
  maxArgs: Number.POSITIVE_INFINITY,
  literals: 'same',
  resultType(args) {
    const conditions = args.filter((_, index) => index % 2 === 0 && index + 1 < args.length);
    if (!conditions.every((type) => type.kind === 'bool')) return 'bool conditions before each value';
    return oneType(args.filter((_, index) => isCaseValue(index, args.length))) ?? 'values of one type';
  },
  compile: (args) => (row) => {
    for (let index = 0; index + 1 < args.length; index += 2) {
      if (args[index]!(row) === true) return args[index + 1]!(row);
    }
    return args.length % 2 === 1 ? args[args.length - 1]!(row) : null;
  },
};

export function isCaseValue(index: number, count: number): boolean {
  return index % 2 === 1 || index === count - 1;
}

/** TRUE on a match; without one NULL when the value or a candidate is NULL, else FALSE. */
export const isIn: ExpressionFunction = {
  minArgs: 2,
  maxArgs: Number.POSITIVE_INFINITY,
  literals: 'same',
  resultType: (args) => {
    const type = oneType(args);
    return type !== null && comparableKinds.includes(type.kind) ? bool : 'a value and candidates of its type';
  },
  compile: ([argument, ...candidates]) => {
    const test = argument!;
    return (row) => {
      const value = test(row);
      if (value === null) return null;
      let result: Value = false;
      for (const candidate of candidates) {
        const other = candidate(row);
        if (other === value) return true;
        if (other === null) result = null;
      }
      return result;
    };
  },
};

function oneType(args: readonly ValueType[]): ValueType | null {
  const [first] = args;
  if (first === undefined || !allKinds.includes(first.kind)) return null;
  return args.every((type) => typeText(type) === typeText(first)) ? first : null;
}
