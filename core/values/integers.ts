import type { Value } from './types.ts';

/** An exact integer in memory: a number within ±(2^53−1), else a bigint. */
export type Integer = number | bigint;

const largestSafe = BigInt(Number.MAX_SAFE_INTEGER);

/** The one representation of an exact integer. */
export function toInteger(x: bigint): Integer {
  // Rounding never brings a larger magnitude below 2^53, and one conversion is cheaper than two comparisons.
  const number = Number(x);
  return Number.isSafeInteger(number) ? number : x;
}

/** a + b, exact. */
export function addIntegers(a: Integer, b: Integer): Integer {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return toInteger(BigInt(a) + BigInt(b));
}

/** a · b, exact. */
export function multiplyIntegers(a: Integer, b: Integer): Integer {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    // `+ 0` because 0 · −5 is −0 in floating point.
    if (Number.isSafeInteger(product)) return product + 0;
  }
  return toInteger(BigInt(a) * BigInt(b));
}

const leadingBits = 54n;

/**
 * Rounds an exact integer once, to the nearest double, ties to even. Written out for all engines to share, because
 * their own conversions differ above 2^53 (DuckDB's HUGEINT → DOUBLE rounds twice).
 */
export function double(x: Integer): number {
  if (typeof x === 'number') return x;
  const magnitude = x < 0n ? -x : x;
  if (magnitude <= largestSafe) return Number(x);
  const bits = BigInt(magnitude.toString(16).length * 4);
  const excess = bits - leadingBits - 4n > 0n ? bits - leadingBits - 4n : 0n;
  // Up to 58 leading bits and a sticky bit that says whether anything followed: enough to round once.
  const leading = magnitude >> excess;
  const isSticky = leading << excess !== magnitude;
  const rounded = roundToEven(leading, isSticky) * 2 ** Number(excess);
  return x < 0n ? -rounded : rounded;
}

/** A magnitude below 2^62 to the nearest double, `isSticky` = something non-zero was cut off behind it. */
function roundToEven(leading: bigint, isSticky: boolean): number {
  let shift = 0n;
  while (leading >> shift > largestSafe) shift++;
  if (shift === 0n) return Number(leading);
  const kept = leading >> shift;
  const rest = leading - (kept << shift);
  const half = 1n << (shift - 1n);
  const isUp = rest > half || (rest === half && (isSticky || (kept & 1n) === 1n));
  return Number(isUp ? kept + 1n : kept) * 2 ** Number(shift);
}

/** The nearest double of any numeric value: integers by `double`, decimals by their text. */
export function valueToDouble(value: Exclude<Value, null>): number {
  return typeof value === 'bigint' ? double(value) : Number(value);
}
