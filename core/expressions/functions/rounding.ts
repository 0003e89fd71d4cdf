import type { DecimalType } from '../../definitions/value-types.ts';
import { powerOfTen, unitsOf } from '../../values/decimal.ts';
import { type Integer, toInteger } from '../../values/integers.ts';
import type { ValueType } from '../../values/types.ts';
import { type Example, type ExpressionFunction, strictNulls } from '../function.ts';
import { decimal as decimals, integer, number } from '../type-sets.ts';
import { constantNumber, wholeNumber } from './constants.ts';
import { decimal, float64, int64 } from './literal-nodes.ts';
import { isDecimal, scaleOf, withinDecimal } from './numeric-types.ts';
import { strictUnary } from './strict.ts';

interface WholeNumber {
  readonly ofDouble: (x: number) => number;
  /** Units of 10^-s as whole ones, of which each has `unit`. */
  readonly ofUnits: (units: bigint, unit: bigint) => bigint;
  readonly summary: string;
  readonly examples: readonly Example[];
}

/** Rounds to whole numbers of the same type; integers are whole already. */
function toWhole({ ofDouble, ofUnits, summary, examples }: WholeNumber): ExpressionFunction {
  return {
    group: 'numbers',
    documentation: {
      summary,
      nulls: strictNulls,
      bounds: 'Exact. A float64 stays a float64: toInt64 makes it an integer.',
      gives: "the number's type; a decimal(p,s) becomes a decimal without scale",
      examples,
    },
    parameters: { x: { takes: number } },
    literals: 'asWritten',
    resultType: ([x]) => (isDecimal(x!.type) ? roundedType(x!.type, 0) : x!.type),
    compile([argument], { args: [x], type, anomalies }) {
      if (type.kind === 'float64') return strictUnary(argument!, (value) => ofDouble(value as number) + 0);
      if (!isDecimal(type)) return argument!;
      const unit = powerOfTen(scaleOf(x!.type));
      return strictUnary(argument!, (value) =>
        withinDecimal(type, toInteger(ofUnits(BigInt(unitsOf(value as string)), unit)), anomalies),
      );
    },
  };
}

/** Room for the digits that stay and one to carry, at most 38. */
function roundedType({ precision, scale }: DecimalType, digits: number): DecimalType {
  if (digits >= scale) return { kind: 'decimal', precision, scale };
  return { kind: 'decimal', precision: Math.min(38, Math.max(1, precision - scale + digits + 1)), scale: digits };
}

function floorUnits(units: bigint, unit: bigint): bigint {
  const quotient = units / unit;
  return units < 0n && quotient * unit !== units ? quotient - 1n : quotient;
}

export const floor = toWhole({
  ofDouble: Math.floor,
  ofUnits: floorUnits,
  summary: 'The greatest whole number that is not above it.',
  examples: [
    [[float64(2.7)], 2],
    [[float64(-2.1)], -3],
    [[decimal('-0.01')], '-1'],
    [[int64(5)], 5],
  ],
});

export const ceil = toWhole({
  ofDouble: Math.ceil,
  ofUnits: (units, unit) => -floorUnits(-units, unit),
  summary: 'The least whole number that is not below it.',
  examples: [
    [[float64(2.1)], 3],
    [[float64(-0.5)], 0],
    [[decimal('0.01')], '1'],
  ],
});

export const round: ExpressionFunction = {
  group: 'numbers',
  documentation: {
    summary: 'A decimal with `digits` digits behind the point, rounded half away from zero.',
    nulls: strictNulls,
    bounds:
      'Exact, and on decimals only: the double next to 2.675 lies below it. Asked for more digits than there are, it changes nothing.',
    gives: 'decimal(p − s + digits + 1, digits) of a decimal(p,s)',
    examples: [
      [[decimal('2.65'), int64(1)], '2.7'],
      [[decimal('-2.65'), int64(1)], '-2.7'],
      [[decimal('99999999.99'), int64(0)], '100000000'],
      [[decimal(null), int64(0)], null],
    ],
  },
  parameters: {
    x: { takes: decimals },
    digits: { takes: integer, constant: wholeNumber(0, 38, [int64(0), int64(1), int64(2)]) },
  },
  literals: 'asWritten',
  resultType: ([x, digits]) => roundedType(x!.type as DecimalType, constantNumber(digits)),
  compile([argument], { args: [x], type, anomalies }) {
    const result = type as DecimalType;
    const dropped = scaleOf(x!.type) - result.scale;
    if (dropped === 0) return argument!;
    const unit = powerOfTen(dropped);
    return strictUnary(argument!, (value) =>
      withinDecimal(result, roundedUnits(unitsOf(value as string), unit), anomalies),
    );
  },
};

function roundedUnits(units: Integer, unit: bigint): Integer {
  const twice = 2n * BigInt(units);
  const away = twice < 0n ? -unit : unit;
  return toInteger((twice + away) / (2n * unit));
}

const int64Type: ValueType = { kind: 'int64' };

export const sign: ExpressionFunction = {
  group: 'numbers',
  documentation: {
    summary: '−1, 0 or 1, as the number is below, at or above 0.',
    nulls: strictNulls,
    bounds: 'Exact.',
    gives: 'int64',
    examples: [
      [[float64(-0.5)], -1],
      [[decimal('0.00')], 0],
      [[int64('9007199254740993')], 1],
    ],
  },
  parameters: { x: { takes: number } },
  literals: 'asWritten',
  resultType: () => int64Type,
  compile: ([argument], { args: [x] }) =>
    isDecimal(x!.type)
      ? strictUnary(argument!, (value) => signOf(unitsOf(value as string)))
      : strictUnary(argument!, (value) => signOf(value as Integer)),
};

function signOf(x: Integer): number {
  return x > 0 ? 1 : x < 0 ? -1 : 0;
}
