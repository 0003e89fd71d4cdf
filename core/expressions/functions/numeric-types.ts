import type { DecimalType } from '../../definitions/value-types.ts';
import { fitsPrecision, formatDecimal } from '../../values/decimal.ts';
import { type Integer, toInteger } from '../../values/integers.ts';
import type { ValueType } from '../../values/types.ts';
import type { AnomalyCounts } from '../anomalies.ts';

const int64Max = 2n ** 63n - 1n;
const int64Min = -(2n ** 63n);
const int32Max = 2 ** 31 - 1;
const int32Min = -(2 ** 31);

/** One operation for doubles and one for bigints: the same on every integer both can hold. */
export interface Arithmetic {
  readonly exact: (a: number, b: number) => number;
  readonly wide: (a: bigint, b: bigint) => bigint;
}

/** Exact whatever the size: on numbers when the result is safe, else once more with bigints. */
export function integerOperation({ exact, wide }: Arithmetic): (a: Integer, b: Integer) => Integer {
  return (a, b) => {
    if (typeof a === 'number' && typeof b === 'number') {
      const result = exact(a, b);
      if (Number.isSafeInteger(result)) return result + 0;
    }
    return toInteger(wide(BigInt(a), BigInt(b)));
  };
}

/** The integer, or NULL where its type cannot hold it. */
export function withinInteger(kind: 'int32' | 'int64', n: Integer, anomalies: AnomalyCounts): Integer | null {
  const isOutside =
    kind === 'int32' ? n > int32Max || n < int32Min : typeof n === 'bigint' && (n > int64Max || n < int64Min);
  if (!isOutside) return n;
  anomalies.overflow++;
  return null;
}

/** Truncates toward zero; exact, because the dividend is made a multiple first. The divisor is not 0. */
export function truncatedQuotient(a: number, b: number): number {
  return (a - (a % b)) / b;
}

/** Finite, and 0 for -0; anything else is NULL. */
export function float64Result(x: number, anomalies: AnomalyCounts): number | null {
  if (Number.isFinite(x)) return x + 0;
  anomalies.notFinite++;
  return null;
}

export function isDecimal(type: ValueType): type is DecimalType {
  return type.kind === 'decimal';
}

export function scaleOf(type: ValueType): number {
  return isDecimal(type) ? type.scale : 0;
}

/** The decimal text of units of 10^-scale, or NULL when they have more digits than the precision. */
export function withinDecimal({ precision, scale }: DecimalType, units: Integer, anomalies: AnomalyCounts) {
  if (fitsPrecision(units, precision)) return formatDecimal(units, scale);
  anomalies.overflow++;
  return null;
}

/** The type of a sum or difference: every digit of both sides and one to carry, at most 38. */
export function decimalSumType(a: DecimalType, b: DecimalType): DecimalType {
  const scale = Math.max(a.scale, b.scale);
  const whole = Math.max(a.precision - a.scale, b.precision - b.scale);
  return { kind: 'decimal', precision: Math.min(38, whole + scale + 1), scale };
}

/** The type of a product; null when its scale would exceed 38. */
export function decimalProductType(a: DecimalType, b: DecimalType): DecimalType | null {
  const scale = a.scale + b.scale;
  return scale > 38 ? null : { kind: 'decimal', precision: Math.min(38, a.precision + b.precision), scale };
}
