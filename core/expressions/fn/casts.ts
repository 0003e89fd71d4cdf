import type { BoolType, DecimalType, StringType, TimestampType } from '../../definitions/value-types.ts';
import type { ExpressionBuilder, NeedsIn, Operand, Takes } from '../builder.ts';
import type * as sets from '../type-sets.ts';
import { calling, type Float64, type Int64, type Unary } from './signature.ts';

/** From a number (toward zero), a text or a bool. */
export const toInt64: Unary<'toInt64', 'x', typeof sets.scalarButTime, Int64> = calling('toInt64');
/** From a number, a text or a bool. */
export const toFloat64: Unary<'toFloat64', 'x', typeof sets.scalarButTime, Float64> = calling('toFloat64');
export const toText: Unary<'toText', 'x', typeof sets.scalar, StringType> = calling('toText');
/** From milliseconds since 1970, or RFC 3339 text. */
export const toTimestamp: Unary<'toTimestamp', 'x', typeof sets.integerOrText, TimestampType> = calling('toTimestamp');
/** From the texts "true" and "false", or an integer. */
export const toBool: Unary<'toBool', 'x', typeof sets.integerOrText, BoolType> = calling('toBool');

/** From a number or a text, rounded half away from zero. */
export function toDecimal<X extends Operand>(
  x: X & Takes<X, 'toDecimal', 'x', typeof sets.numberOrText>,
  precision: number,
  scale: number,
): ExpressionBuilder<NeedsIn<X, 'toDecimal', 'x', typeof sets.numberOrText>, DecimalType> {
  return calling('toDecimal')(x, precision, scale);
}
