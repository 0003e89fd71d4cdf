import type { ExpressionOperator } from '../definitions/operators.ts';
import type { ExpressionFunction } from './function.ts';
import { abs, add, div, idiv, mod, mul, neg, sub } from './functions/arithmetic.ts';
import { toBool, toDecimal, toFloat64, toInt64, toText, toTimestamp } from './functions/casts.ts';
import { caseWhen, coalesce, isIn } from './functions/choice.ts';
import { contains, get, length } from './functions/collections.ts';
import { eq, gt, gte, lt, lte, ne } from './functions/comparison.ts';
import {
  day,
  dayOfTheWeek,
  dayOfTheYear,
  hour,
  isWeekend,
  minute,
  month,
  quarter,
  second,
  week,
  year,
} from './functions/dates.ts';
import { addMillis, timeSince, truncate } from './functions/durations.ts';
import { avgOf, maxOf, minOf, sumOf } from './functions/elements.ts';
import { bucketize, oneHot, ordinal } from './functions/encodings.ts';
import { haversine } from './functions/geography.ts';
import { cross, hashBucket, hashOneHot } from './functions/hashing.ts';
import { and, isNotNull, isNull, not, or } from './functions/logic.ts';
import { atan2, cos, exp, expm1, log, log1p, pow, sin, sqrt, tan } from './functions/math.ts';
import { clip, greatest, least, minMax, zScore } from './functions/ranges.ts';
import { ceil, floor, round, sign } from './functions/rounding.ts';
import { concat, endsWith, lower, replace, startsWith, trim, upper } from './functions/text.ts';
import { splitPart, substring } from './functions/text-parts.ts';
import { cosine, distance, dot, norm, toVector, vectorAdd, vectorScale } from './functions/vectors.ts';

/** Every function that an expression can call, with its rules and documentation; a new function is one more row. */
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
  log,
  log1p,
  exp,
  expm1,
  sqrt,
  pow,
  sin,
  cos,
  tan,
  atan2,
  sign,
  floor,
  ceil,
  round,
  least,
  greatest,
  clip,
  zScore,
  minMax,
  toInt64,
  toFloat64,
  toDecimal,
  toText,
  toTimestamp,
  toBool,
  bucketize,
  ordinal,
  oneHot,
  hashBucket,
  hashOneHot,
  cross,
  lower,
  upper,
  trim,
  substring,
  startsWith,
  endsWith,
  replace,
  splitPart,
  concat,
  year,
  quarter,
  month,
  week,
  day,
  dayOfYear: dayOfTheYear,
  dayOfWeek: dayOfTheWeek,
  isWeekend,
  hour,
  minute,
  second,
  truncate,
  timeSince,
  addMillis,
  haversine,
  length,
  get,
  contains,
  sumOf,
  avgOf,
  minOf,
  maxOf,
  dot,
  cosine,
  norm,
  distance,
  vectorAdd,
  vectorScale,
  toVector,
};
