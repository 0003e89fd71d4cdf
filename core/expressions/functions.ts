import type { ExpressionOperator } from '../definitions/model.ts';
import { abs, add, div, idiv, mod, mul, neg, sub } from './arithmetic.ts';
import { and, caseWhen, coalesce, eq, gt, gte, isIn, isNotNull, isNull, lt, lte, ne, not, or } from './logic.ts';
import type { ExpressionFunction } from './typed.ts';

/** Every operator of the stored form with its rules; a new function is one more row. */
export const expressionFunctions: Readonly<Record<ExpressionOperator, ExpressionFunction>> = {
  eq,
  ne,
  lt,
  lte,
  gt,
  gte,
  and,
  or,
  not,
  isNull,
  isNotNull,
  add,
  sub,
  mul,
  div,
  idiv,
  mod,
  neg,
  abs,
  coalesce,
  case: caseWhen,
  in: isIn,
};
