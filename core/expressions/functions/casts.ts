import type { DecimalType } from '../../definitions/value-types.ts';
import { decimalUnits, integerFromText, isNumberText, powerOfTen, unitsOf } from '../../values/decimal.ts';
import { type Integer, multiplyIntegers, toInteger, valueToDouble } from '../../values/integers.ts';
import { formatInstant } from '../../values/json.ts';
import { endOfTime, readInstant } from '../../values/parse-instant.ts';
import type { Value, ValueType } from '../../values/types.ts';
import type { AnomalyCounts } from '../anomalies.ts';
import { type ExpressionFunction, type FunctionDocumentation, strictNulls } from '../function.ts';
import { integer, integerOrText, numberOrText, scalar, scalarButTime, type TypeSet } from '../type-sets.ts';
import { constantNumber, wholeNumber } from './constants.ts';
import { decimal, float64, instant, int64, text, truth } from './literal-nodes.ts';
import { float64Result, withinDecimal, withinInteger } from './numeric-types.ts';
import { type Present, strictUnary } from './strict.ts';

type Conversion = (x: Present) => Value;

interface Cast {
  readonly takes: TypeSet;
  readonly documentation: Omit<FunctionDocumentation, 'nulls'>;
  readonly gives: ValueType;
  /** The conversion from a type. */
  readonly from: (type: ValueType, anomalies: AnomalyCounts) => Conversion;
}

function cast({ takes, documentation, gives, from }: Cast): ExpressionFunction {
  return {
    group: 'casts',
    documentation: { ...documentation, nulls: strictNulls },
    parameters: { x: { takes } },
    literals: 'asWritten',
    resultType: () => gives,
    compile: ([argument], { args: [x], anomalies }) => strictUnary(argument!, from(x!.type, anomalies)),
  };
}

/** A text that is no value of the type. */
function unreadable(anomalies: AnomalyCounts): null {
  anomalies.unreadable++;
  return null;
}

export const toInt64 = cast({
  takes: scalarButTime,
  gives: { kind: 'int64' },
  documentation: {
    summary: 'A whole number from a number, a text or a bool.',
    bounds:
      'float64 and decimal lose what stands behind the point (toward zero); text must be a whole number ("12", "1e3", "12.0"); TRUE is 1. NULL, counted, for other text and outside int64.',
    gives: 'int64',
    examples: [
      [[float64(-2.7)], -2],
      [[decimal('9.99')], 9],
      [[text('12')], 12],
      [[text('12.5')], null],
      [[truth(true)], 1],
      [[float64(1e19)], null],
    ],
  },
  from(type, anomalies) {
    const within = (n: Integer) => withinInteger('int64', n, anomalies);
    switch (type.kind) {
      case 'bool':
        return Number;
      case 'float64':
        return (x) => within(truncated(x as number));
      case 'decimal': {
        const unit = powerOfTen(type.scale);
        return (x) => within(toInteger(BigInt(unitsOf(x as string)) / unit));
      }
      case 'string':
        return (x) => {
          const read = integerFromText((x as string).trim());
          return read === null || read === 'overflow' ? unreadable(anomalies) : within(read);
        };
      default:
        return (x) => x;
    }
  },
});

function truncated(x: number): Integer {
  const whole = Math.trunc(x) + 0;
  return Number.isSafeInteger(whole) ? whole : toInteger(BigInt(whole));
}

export const toFloat64 = cast({
  takes: scalarButTime,
  gives: { kind: 'float64' },
  documentation: {
    summary: 'The nearest double of a number, a text or a bool.',
    bounds:
      'Text must be a decimal number ("1.5", "-2e-3"); TRUE is 1. NULL, counted, for other text and where it is not finite.',
    gives: 'float64',
    examples: [
      [[decimal('0.10')], 0.1],
      [[int64('9007199254740993')], 9007199254740992],
      [[text('-2e-3')], -0.002],
      [[text('two')], null],
    ],
  },
  from(type, anomalies) {
    if (type.kind === 'bool') return Number;
    if (type.kind !== 'string') return valueToDouble;
    return (x) => {
      const written = (x as string).trim();
      if (!isNumberText(written)) return unreadable(anomalies);
      return float64Result(Number(written), anomalies);
    };
  },
});

export const toDecimal: ExpressionFunction = {
  group: 'casts',
  documentation: {
    summary: 'An exact number of `precision` digits, `scale` of them behind the point, from a number or a text.',
    nulls: strictNulls,
    bounds:
      'Rounded half away from zero. A float64 is read from its shortest text, so 0.1 is exactly 0.1. NULL, counted, for text that is no number and for what has more digits.',
    gives: 'decimal(precision, scale)',
    examples: [
      [[float64(2.675), int64(10), int64(2)], '2.68'],
      [[text('1e2'), int64(5), int64(1)], '100.0'],
      [[int64(1000), int64(3), int64(0)], null],
      [[decimal(null), int64(5), int64(1)], null],
    ],
  },
  parameters: {
    x: { takes: numberOrText },
    precision: { takes: integer, constant: wholeNumber(1, 38, [int64(5), int64(38)]) },
    scale: { takes: integer, constant: wholeNumber(0, 38, [int64(0), int64(3)]) },
  },
  literals: 'asWritten',
  resultType([, precision, scale]) {
    const type = { kind: 'decimal', precision: constantNumber(precision), scale: constantNumber(scale) } as const;
    return type.scale <= type.precision ? type : { expected: 'a scale that is at most the precision', argument: 2 };
  },
  compile([argument], { args: [x], type, anomalies }) {
    const result = type as DecimalType;
    if (integer.kinds.includes(x!.type.kind)) {
      const unit = toInteger(powerOfTen(result.scale));
      return strictUnary(argument!, (value) =>
        withinDecimal(result, multiplyIntegers(value as Integer, unit), anomalies),
      );
    }
    return strictUnary(argument!, (value) => {
      const written = typeof value === 'string' ? value.trim() : String(value);
      const units = decimalUnits(written, result.scale);
      if (units === null) return unreadable(anomalies);
      if (units !== 'overflow') return withinDecimal(result, units, anomalies);
      anomalies.overflow++;
      return null;
    });
  },
};

export const toText = cast({
  takes: scalar,
  gives: { kind: 'string' },
  documentation: {
    summary: 'A value as text.',
    bounds:
      'Integers and decimals as digits, a float64 as the shortest text that reads back as it, timestamps as RFC 3339 in UTC with milliseconds, bools as "true" and "false".',
    gives: 'string',
    examples: [
      [[int64(12)], '12'],
      [[decimal('1.50')], '1.50'],
      [[float64(1e21)], '1e+21'],
      [[instant('2001-05-01T12:00:00Z')], '2001-05-01T12:00:00.000Z'],
      [[truth(false)], 'false'],
    ],
  },
  from: (type) => (type.kind === 'timestamp' ? (x) => formatInstant(x as number) : String),
});

export const toTimestamp = cast({
  takes: integerOrText,
  gives: { kind: 'timestamp' },
  documentation: {
    summary: 'An instant from milliseconds since 1970, or from RFC 3339 text.',
    bounds:
      'Text without an offset is UTC, finer than milliseconds is rounded down. NULL, counted, for other text and outside [1970-01-01, 2100-01-01).',
    gives: 'timestamp',
    examples: [
      [[int64(1_500)], '1970-01-01T00:00:01.500Z'],
      [[text('2001-05-01T14:00:00+02:00')], '2001-05-01T12:00:00.000Z'],
      [[text('yesterday')], null],
      [[int64(-1)], null],
    ],
  },
  from(type, anomalies) {
    if (type.kind !== 'string') return (x) => withinTime(x as Integer, anomalies);
    return (x) => {
      const read = readInstant(x);
      return read === null ? unreadable(anomalies) : withinTime(read, anomalies);
    };
  },
});

/** The instant, or NULL outside [1970-01-01, 2100-01-01). */
export function withinTime(millis: Integer, anomalies: AnomalyCounts): Value {
  if (millis >= 0 && millis < endOfTime) return Number(millis);
  anomalies.overflow++;
  return null;
}

export const toBool = cast({
  takes: integerOrText,
  gives: { kind: 'bool' },
  documentation: {
    summary: 'A bool from a text or an integer.',
    bounds: 'The texts "true" and "false" in any case; of integers only 0 is FALSE. NULL, counted, for other text.',
    gives: 'bool',
    examples: [
      [[text('True')], true],
      [[text('yes')], null],
      [[int64(0)], false],
    ],
  },
  from(type, anomalies) {
    if (type.kind !== 'string') return (x) => x !== 0;
    return (x) => {
      const written = (x as string).trim();
      if (/^true$/i.test(written)) return true;
      return /^false$/i.test(written) ? false : unreadable(anomalies);
    };
  },
});
