/** The type of a column, a join key part, a request input or a feature. */
export type ValueType =
  | { readonly kind: 'int32' | 'int64' | 'float64' | 'string' | 'bool' | 'timestamp' }
  /** An exact number of `precision` digits, `scale` of them behind the point; 1 ≤ precision ≤ 38. */
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  /** A fixed number of float64 elements. */
  | { readonly kind: 'vector'; readonly length: number }
  | { readonly kind: 'list'; readonly element: ValueType }
  /** Keys are text, in UTF-8 order. */
  | { readonly kind: 'map'; readonly value: ValueType };

/**
 * One value in memory; `null` is NULL. There is one representation for each value, so `===` compares scalars:
 *
 * - int32, int64: a number within ±(2^53−1), else a bigint
 * - decimal: text with exactly `scale` digits behind the point, no `-0`, no leading zeros ("3.30")
 * - timestamp: milliseconds since the epoch, UTC
 * - float64: a finite number, never -0
 * - vector, list: an array; map: a Map whose insertion order is the UTF-8 order of its keys
 */
export type Value = null | boolean | number | bigint | string | readonly Value[] | ReadonlyMap<string, Value>;

/** Milliseconds since the epoch, UTC, in [1970-01-01, 2100-01-01). */
export type Instant = number;

/** A column with its declared type. */
export interface Field {
  readonly name: string;
  readonly type: ValueType;
}
