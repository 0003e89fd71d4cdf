import type { Value, ValueType } from '../../../core/values/types.ts';

/** An argument of a call, as rules see it. */
export interface SqlArgument {
  readonly type: ValueType;
  /** Has the argument's value, and exactly its type. */
  readonly sql: string;
  /** The same, but of a float64 it may be NaN, infinite or -0, where the value is NULL or 0. */
  readonly raw: string;
  /** Undefined where it is no literal. */
  readonly literal: Value | undefined;
}

/**
 * What a call is in SQL: exactly its value and type; or `raw`, a DOUBLE that still has to be made finite; or its value
 * only on rows where `when` is TRUE, while the others need the reference function.
 */
export type SqlCall =
  | { readonly kind: 'exact'; readonly sql: string }
  | { readonly kind: 'raw'; readonly sql: string }
  | { readonly kind: 'partial'; readonly sql: string; readonly when: string };

/** Null where SQL might differ from the reference in a single bit. */
export type SqlRule = (args: readonly SqlArgument[], type: ValueType) => SqlCall | null;

export const exact = (sql: string): SqlCall => ({ kind: 'exact', sql });
export const raw = (sql: string): SqlCall => ({ kind: 'raw', sql });
export const partial = (when: string, sql: string): SqlCall => ({ kind: 'partial', sql, when });

/** Neither NaN nor infinite nor -0, which no value is. */
export function finiteSql(double: string): string {
  return `(CASE WHEN isfinite(${double}) THEN ${double} + 0.0 END)`;
}

/** The nearest double of a number; null where DuckDB rounds twice. `isRaw`: a float64 may still be not finite. */
export function doubleSql({ type, sql, raw }: SqlArgument, isRaw: boolean): string | null {
  if (type.kind === 'float64') return isRaw ? raw : sql;
  // Units and power of ten are exact doubles up to here, so that their quotient is rounded once.
  if (type.kind === 'decimal' && type.precision > 15) return null;
  return `CAST(${sql} AS DOUBLE)`;
}

/** A literal whole number from 0 to a limit; null for every other argument. */
export function smallLiteral({ literal }: SqlArgument, limit: number): number | null {
  return typeof literal === 'number' && Number.isInteger(literal) && literal >= 0 && literal <= limit ? literal : null;
}

/** TRUE where all arguments have a value; literals that do are not asked. Null where there is nothing to ask. */
export function presentSql(args: readonly SqlArgument[]): string | null {
  const asked = args.filter(({ literal }) => literal === undefined || literal === null);
  return asked.length === 0 ? null : asked.map(({ sql }) => `${sql} IS NOT NULL`).join(' AND ');
}

/** NULL where an argument is, else this. */
export function strictSql(args: readonly SqlArgument[], sql: string): string {
  const present = presentSql(args);
  return present === null ? sql : `(CASE WHEN ${present} THEN ${sql} END)`;
}
