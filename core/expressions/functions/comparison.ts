import { sameType } from '../../definitions/value-types.ts';
import { compareUtf8 } from '../../values/compare.ts';
import { powerOfTen, unitsOf } from '../../values/decimal.ts';
import { multiplyIntegers, toInteger } from '../../values/integers.ts';
import type { Value, ValueType } from '../../values/types.ts';
import { type Example, type ExpressionFunction, strictNulls } from '../function.ts';
import { ordered, scalar, type TypeSet } from '../type-sets.ts';
import { decimal, int64, text, truth } from './literal-nodes.ts';
import { isDecimal, scaleOf } from './numeric-types.ts';
import { strictBinary } from './strict.ts';

const bool: ValueType = { kind: 'bool' };

type Test = (a: Value, b: Value) => boolean;

/** Decimals of two scales are brought to the finer one. */
export function decimalSign(a: ValueType, b: ValueType): (x: Value, y: Value) => number {
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

interface Comparison {
  readonly takes: TypeSet;
  readonly summary: string;
  readonly examples: readonly Example[];
  readonly plain: Test;
  readonly sign: (sign: number) => boolean;
}

function comparison({ takes, summary, examples, plain, sign }: Comparison): ExpressionFunction {
  return {
    group: 'comparison',
    documentation: {
      summary,
      nulls: strictNulls,
      bounds:
        'Text compares by its UTF-8 bytes, decimals of two scales by value, integers exactly whatever their size.',
      gives: 'bool',
      examples,
    },
    parameters: { a: { takes }, b: { takes } },
    literals: 'same',
    resultType([a, b]) {
      const pair = sameType(a!.type, b!.type) || (isDecimal(a!.type) && isDecimal(b!.type));
      return pair ? bool : { expected: 'two values of the same type' };
    },
    compile: ([left, right], { args: [a, b] }) =>
      strictBinary(left!, right!, signTest(a!.type, b!.type, sign) ?? plain),
  };
}

// `<` on a number and a bigint compares exactly, so integers need no common representation.
type Ordered = number | bigint;

export const eq = comparison({
  takes: scalar,
  summary: 'Are both the same value?',
  examples: [
    [[int64(3), int64(3)], true],
    [[text('é'), text('e\u0301')], false],
    [[decimal('1.50'), int64(2)], false],
    [[int64(3), int64(null)], null],
  ],
  plain: (a, b) => a === b,
  sign: (sign) => sign === 0,
});

export const ne = comparison({
  takes: scalar,
  summary: 'Do they differ?',
  examples: [
    [[text('ATL'), text('ORD')], true],
    [[truth(true), truth(true)], false],
    [[text(null), text('ORD')], null],
  ],
  plain: (a, b) => a !== b,
  sign: (sign) => sign !== 0,
});

export const lt = comparison({
  takes: ordered,
  summary: 'Is `a` less than `b`?',
  examples: [
    [[int64(2), int64(10)], true],
    [[text('2'), text('10')], false],
    [[text('\uFFFD'), text('\u{1F600}')], true],
    [[int64(null), int64(1)], null],
  ],
  plain: (a, b) => (a as Ordered) < (b as Ordered),
  sign: (sign) => sign < 0,
});

export const lte = comparison({
  takes: ordered,
  summary: 'Is `a` less than `b`, or equal?',
  examples: [
    [[int64(2), int64(2)], true],
    [[decimal('-2.00'), decimal('-10.00')], false],
  ],
  plain: (a, b) => (a as Ordered) <= (b as Ordered),
  sign: (sign) => sign <= 0,
});

export const gt = comparison({
  takes: ordered,
  summary: 'Is `a` greater than `b`?',
  examples: [
    [[int64('9007199254740993'), int64('9007199254740992')], true],
    [[text('a'), text('B')], true],
  ],
  plain: (a, b) => (a as Ordered) > (b as Ordered),
  sign: (sign) => sign > 0,
});

export const gte = comparison({
  takes: ordered,
  summary: 'Is `a` greater than `b`, or equal?',
  examples: [
    [[decimal('2.00'), int64(2)], true],
    [[int64(1), int64(2)], false],
  ],
  plain: (a, b) => (a as Ordered) >= (b as Ordered),
  sign: (sign) => sign >= 0,
});
