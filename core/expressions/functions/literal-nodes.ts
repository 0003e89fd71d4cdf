import type { JsonValue } from '../../definitions/model.ts';
import { t } from '../../definitions/value-types.ts';
import type { ValueType } from '../../values/types.ts';
import type { LiteralNode } from '../function.ts';

/** Literals, short to write in examples and samples. */
const literalOf =
  (type: ValueType) =>
  (value: JsonValue): LiteralNode => ({ op: 'lit', type, value });

export const int32 = literalOf(t.int32);
export const int64 = literalOf(t.int64);
export const float64 = literalOf(t.float64);
export const text = literalOf(t.string);
export const truth = literalOf(t.bool);
/** RFC 3339 text. */
export const instant = literalOf(t.timestamp);
export const int64s = literalOf(t.list(t.int64));
export const float64s = literalOf(t.list(t.float64));
/** Of decimal(10, 3). */
export const decimals = literalOf(t.list(t.decimal(10, 3)));
export const texts = literalOf(t.list(t.string));

/** As wide as a price: decimal(10, 2). */
export const decimal = literalOf(t.decimal(10, 2));

export function vector(...elements: readonly number[]): LiteralNode {
  return { op: 'lit', type: t.vector(elements.length), value: elements };
}

export function mapOf(value: ValueType, entries: { readonly [key: string]: JsonValue }): LiteralNode {
  return { op: 'lit', type: t.map(value), value: entries };
}
