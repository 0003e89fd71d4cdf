import type { JsonValue } from '../../definitions/model.ts';
import type { BoolType, ExactType, StringType } from '../../definitions/value-types.ts';
import { t } from '../../definitions/value-types.ts';
import type { ValueType } from '../../values/types.ts';
import { type AnyExpression, ExpressionBuilder, lit } from '../builder.ts';

/** Values of one type; of other types than these, a literal: `lit(['9.99'], t.list(t.decimal(10, 2)))`. */
export type ConstantList = readonly string[] | readonly number[] | readonly boolean[];

/** The type of what is compared with the elements of a constant list. */
export type ElementOf<L> = L extends readonly string[]
  ? StringType
  : L extends readonly number[]
    ? ExactType
    : L extends readonly boolean[]
      ? BoolType
      : ValueType;

/** Whole numbers are a list of int64, which adapts; other numbers one of float64. */
export function listLiteral(values: ConstantList | AnyExpression): AnyExpression {
  return values instanceof ExpressionBuilder
    ? values
    : lit(values as readonly JsonValue[], t.list(elementType(values)));
}

function elementType(values: ConstantList): ValueType {
  const [first] = values;
  if (typeof first === 'boolean') return t.bool;
  if (typeof first !== 'number') return t.string;
  return (values as readonly number[]).every(Number.isInteger) ? t.int64 : t.float64;
}
