import type { BoolType, TimestampType } from '../../definitions/value-types.ts';
import type { ValueType } from '../../values/types.ts';
import type { ExpressionBuilder, NeedsIn, Operand, Takes } from '../builder.ts';
import { type Binary, calling, type Int, type Int64, type Time } from './signature.ts';

/** In UTC, or by the clock of an IANA zone: `hour(col('at'), 'Europe/Berlin')`. */
type DatePart<Op extends string, Result extends ValueType = Int64> = <X extends Operand>(
  at: X & Takes<X, Op, 'at', Time>,
  zone?: string,
) => ExpressionBuilder<NeedsIn<X, Op, 'at', Time>, Result>;

/** The year. */
export const year: DatePart<'year'> = calling('year');
/** 1 to 4. */
export const quarter: DatePart<'quarter'> = calling('quarter');
/** 1 to 12. */
export const month: DatePart<'month'> = calling('month');
/** ISO 8601: 1 to 53. */
export const week: DatePart<'week'> = calling('week');
/** 1 to 31. */
export const day: DatePart<'day'> = calling('day');
/** 1 to 366. */
export const dayOfYear: DatePart<'dayOfYear'> = calling('dayOfYear');
/** ISO 8601: 1 (Monday) to 7 (Sunday). */
export const dayOfWeek: DatePart<'dayOfWeek'> = calling('dayOfWeek');
/** 0 to 23. */
export const hour: DatePart<'hour'> = calling('hour');
/** 0 to 59. */
export const minute: DatePart<'minute'> = calling('minute');
/** 0 to 59. */
export const second: DatePart<'second'> = calling('second');
/** Saturday or Sunday. */
export const isWeekend: DatePart<'isWeekend', BoolType> = calling('isWeekend');

export type DateUnit = 'second' | 'minute' | 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year';

/** The beginning of the unit (weeks: Monday), in UTC or by the clock of an IANA zone. */
export const truncate: <X extends Operand>(
  at: X & Takes<X, 'truncate', 'at', Time>,
  unit: DateUnit,
  zone?: string,
) => ExpressionBuilder<NeedsIn<X, 'truncate', 'at', Time>, TimestampType> = calling('truncate');

/** The milliseconds that have passed at the second instant since the first. */
export const timeSince: Binary<'timeSince', ['since', 'at'], [Time, Time], Int64> = calling('timeSince');

/** The instant so many milliseconds later. */
export const addMillis: <X extends Operand, M extends Operand>(
  at: X & Takes<X, 'addMillis', 'at', Time>,
  millis: M & Takes<M, 'addMillis', 'millis', Int>,
) => ExpressionBuilder<NeedsIn<X, 'addMillis', 'at', Time> & NeedsIn<M, 'addMillis', 'millis', Int>, TimestampType> =
  calling('addMillis');
