import { sqlTypeOf } from '../sql-type-names.ts';
import { doubleSql, exact, type SqlRule } from './rule.ts';

const integers: readonly string[] = ['int32', 'int64'];

export const toInt64: SqlRule = ([x]) => {
  const { kind } = x!.type;
  // TRY_CAST would round to even.
  if (kind === 'float64') return exact(`TRY_CAST(trunc(${x!.sql}) AS BIGINT)`);
  return [...integers, 'bool'].includes(kind) ? exact(`CAST(${x!.sql} AS BIGINT)`) : null;
};

export const toFloat64: SqlRule = ([x]) => {
  if (x!.type.kind === 'bool') return exact(`CAST(${x!.sql} AS DOUBLE)`);
  const double = x!.type.kind === 'string' ? null : doubleSql(x!, false);
  return double === null ? null : exact(double);
};

export const toText: SqlRule = ([x]) => {
  const { type } = x!;
  // DuckDB writes .05 where nothing may stand before the point.
  const hasWhole = type.kind === 'decimal' && type.scale < type.precision;
  return hasWhole || [...integers, 'bool', 'string'].includes(type.kind) ? exact(`CAST(${x!.sql} AS VARCHAR)`) : null;
};

/** Exact from integers; decimals are rounded half away from zero. */
export const toDecimal: SqlRule = ([x], type) =>
  [...integers, 'decimal'].includes(x!.type.kind) ? exact(`TRY_CAST(${x!.sql} AS ${sqlTypeOf(type)})`) : null;

export const toBool: SqlRule = ([x]) => (integers.includes(x!.type.kind) ? exact(`(${x!.sql} <> 0)`) : null);

/** The first instant that values cannot be, in milliseconds. */
const endOfTime = Date.UTC(2100, 0, 1);

/** An instant from milliseconds; NULL outside of time. */
export function instantSql(millis: string): string {
  return `(CASE WHEN ${millis} >= 0 AND ${millis} < ${endOfTime} THEN make_timestamp(CAST(${millis} AS BIGINT) * 1000) END)`;
}

export const toTimestamp: SqlRule = ([x]) => (integers.includes(x!.type.kind) ? exact(instantSql(x!.sql)) : null);
