import type { Value, ValueType } from '../values/types.ts';
import { units } from './order.ts';

const int64Limit = 2n ** 63n;
const decimalLimit = 10n ** 38n;
const varianceLimit = 2n ** 48n;

/** Digits behind the point: units are 10^-scale. */
export function scaleOf(type: ValueType): number {
  return type.kind === 'decimal' ? type.scale : 0;
}

/** A decimal in its one text form: 330 units of 10^-2 are "3.30". */
export function decimalText(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${value < 0n ? '-' : ''}${digits.slice(0, point)}${scale === 0 ? '' : `.${digits.slice(point)}`}`;
}

/** The value of `type` that is this many units, whatever its range: the caller has checked that it fits. */
export function fromUnits(type: ValueType, value: bigint): Value {
  if (type.kind === 'decimal') return decimalText(value, type.scale);
  const isSafe = value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);
  return isSafe ? Number(value) : value;
}

/** int64 → int64, decimal(p,s) → decimal(38,s), both exact and NULL outside; float64 and vectors element by element. */
export function sum(type: ValueType, values: readonly Value[]): Value {
  if (type.kind === 'float64') return finite(addFloats(values as readonly number[]));
  if (type.kind === 'vector') return addVectors(values as readonly (readonly number[])[], 1);
  const total = addUnits(values);
  if (type.kind === 'decimal') {
    const fits = -decimalLimit < total && total < decimalLimit;
    return fits ? decimalText(total, type.scale) : null;
  }
  const fits = -int64Limit <= total && total < int64Limit;
  return fits ? fromUnits({ kind: 'int64' }, total) : null;
}

/** double(S) / double(n·10^s). */
export function average(type: ValueType, values: readonly Value[]): Value {
  if (type.kind === 'float64') return finite(addFloats(values as readonly number[]) / values.length);
  if (type.kind === 'vector') return addVectors(values as readonly (readonly number[])[], values.length);
  return Number(addUnits(values)) / Number(BigInt(values.length) * 10n ** BigInt(scaleOf(type)));
}

/** double(n·Q − S²) / double(n·(n−1)·10^2s), or n² for the population; inputs of 2^48 units and more are NULL. */
export function variance(type: ValueType, values: readonly Value[], ofSample: boolean): number | null {
  const inputs = values.map(units).filter((x) => -varianceLimit < x && x < varianceLimit);
  const n = BigInt(inputs.length);
  if (n < (ofSample ? 2n : 1n)) return null;
  const s = inputs.reduce((a, b) => a + b, 0n);
  const q = inputs.reduce((a, b) => a + b * b, 0n);
  const divisor = n * (ofSample ? n - 1n : n) * 10n ** BigInt(2 * scaleOf(type));
  return Number(n * q - s * s) / Number(divisor);
}

function addUnits(values: readonly Value[]): bigint {
  return values.map(units).reduce((a, b) => a + b, 0n);
}

function addFloats(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

function addVectors(vectors: readonly (readonly number[])[], divisor: number): Value {
  const elements = vectors[0]!.map((_, i) => finite(addFloats(vectors.map((vector) => vector[i]!)) / divisor));
  return elements.includes(null) ? null : elements;
}

/** Floats that are not finite are NULL, and −0 is 0. */
export function finite(x: number): number | null {
  if (!Number.isFinite(x)) return null;
  return x === 0 ? 0 : x;
}
