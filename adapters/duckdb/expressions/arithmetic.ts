import type { ValueType } from '../../../core/values/types.ts';
import { sqlTypeOf } from '../sql-type-names.ts';
import { doubleSql, exact, raw, type SqlArgument, type SqlCall, type SqlRule } from './rule.ts';

/** A type in which no result of + - * on two of these integers overflows. */
function widerType({ kind }: ValueType): string {
  return kind === 'int32' ? 'BIGINT' : 'HUGEINT';
}

/** The wide result as an integer of the type, NULL outside of it. A bare TRY_CAST would be lost when it is compared. */
function narrowed(wide: string, type: ValueType): string {
  return `(TRY_CAST(${wide} AS ${sqlTypeOf(type)}) | 0)`;
}

function isInteger({ kind }: ValueType): boolean {
  return kind === 'int32' || kind === 'int64';
}

/** + - * of integers, doubles, and decimals whose result has room for every digit. */
function arithmetic(sign: '+' | '-' | '*'): SqlRule {
  return ([a, b], type) => {
    if (isInteger(type)) {
      const wide = widerType(type);
      return exact(narrowed(`(CAST(${a!.sql} AS ${wide}) ${sign} CAST(${b!.sql} AS ${wide}))`, type));
    }
    if (type.kind === 'float64') return raw(`(${a!.raw} ${sign} ${b!.raw})`);
    return decimals(a!, b!, sign, type);
  };
}

/**
 * Null where the result may have more than 38 digits, of which some would be cut. DuckDB takes 18 digits for enough where
 * both sides have no more, so one of them is made wide enough first.
 */
function decimals(a: SqlArgument, b: SqlArgument, sign: '+' | '-' | '*', type: ValueType): SqlCall | null {
  const [left, right] = [decimalOf(a), decimalOf(b)];
  const result = sqlTypeOf(type);
  if (sign === '*') {
    const precision = left.precision + right.precision;
    if (precision > 38) return null;
    return exact(`CAST((CAST(${a.sql} AS DECIMAL(${precision},${left.scale})) * ${b.sql}) AS ${result})`);
  }
  const whole = Math.max(left.precision - left.scale, right.precision - right.scale);
  if (whole + Math.max(left.scale, right.scale) + 1 > 38) return null;
  return exact(`CAST((CAST(${a.sql} AS ${result}) ${sign} CAST(${b.sql} AS ${result})) AS ${result})`);
}

function decimalOf({ type }: SqlArgument): { readonly precision: number; readonly scale: number } {
  return type.kind === 'decimal' ? type : { precision: 19, scale: 0 };
}

export const add = arithmetic('+');
export const sub = arithmetic('-');
export const mul = arithmetic('*');

export const div: SqlRule = ([a, b]) => {
  const dividend = doubleSql(a!, true);
  // x / inf would be 0, so a divisor must be a value already.
  const divisor = doubleSql(b!, false);
  return dividend === null || divisor === null ? null : raw(`(${dividend} / nullif(${divisor}, 0))`);
};

/** Truncated as in the reference; by 0 NULL. Only the least integer by -1 overflows. */
export const idiv: SqlRule = ([a, b], type) => {
  const by = b!.literal;
  if (type.kind === 'int32') {
    return exact(narrowed(`(CAST(${a!.sql} AS BIGINT) // CAST(${b!.sql} AS BIGINT))`, type));
  }
  if (by !== undefined && by !== -1) return exact(`(${a!.sql} // ${b!.sql})`);
  const negated = narrowed(`-CAST(${a!.sql} AS HUGEINT)`, type);
  return exact(`(CASE WHEN ${b!.sql} = -1 THEN ${negated} ELSE ${a!.sql} // ${b!.sql} END)`);
};

export const mod: SqlRule = ([a, b], type) => {
  const by = b!.literal;
  if (type.kind === 'int32') {
    return exact(`CAST((CAST(${a!.sql} AS BIGINT) % CAST(${b!.sql} AS BIGINT)) AS INTEGER)`);
  }
  if (by !== undefined && by !== -1) return exact(`(${a!.sql} % ${b!.sql})`);
  const zero = `CASE WHEN ${a!.sql} IS NOT NULL THEN 0 END`;
  return exact(`(CASE WHEN ${b!.sql} = -1 THEN ${zero} ELSE ${a!.sql} % ${b!.sql} END)`);
};

function signed(operation: (sql: string) => string): SqlRule {
  return ([x], type) => {
    if (isInteger(type)) {
      return exact(narrowed(operation(`CAST(${x!.sql} AS ${widerType(type)})`), type));
    }
    if (type.kind === 'float64') return raw(operation(x!.raw));
    return exact(`CAST(${operation(x!.sql)} AS ${sqlTypeOf(type)})`);
  };
}

export const neg = signed((sql) => `(-(${sql}))`);
export const abs = signed((sql) => `abs(${sql})`);

export const sqrt: SqlRule = ([x]) => {
  const double = doubleSql(x!, false);
  return double === null ? null : exact(`(CASE WHEN ${double} >= 0 THEN sqrt(${double}) END)`);
};

export const sign: SqlRule = ([x]) => (x!.type.kind === 'decimal' ? null : exact(`CAST(sign(${x!.sql}) AS BIGINT)`));

function toWhole(name: 'floor' | 'ceil'): SqlRule {
  return ([x], type) => {
    if (isInteger(type)) return exact(x!.sql);
    return type.kind === 'float64' ? exact(`(${name}(${x!.sql}) + 0.0)`) : null;
  };
}

export const floor = toWhole('floor');
export const ceil = toWhole('ceil');

/** DuckDB rounds decimals half away from zero, as the reference does. */
export const round: SqlRule = ([x], type) => exact(`CAST(${x!.sql} AS ${sqlTypeOf(type)})`);

/** (x - origin) / size, where both are literals. */
function scaled(sizeOf: (first: number, second: number) => number): SqlRule {
  return ([x, first, second]) => {
    const double = doubleSql(x!, true);
    const [a, b] = [first!, second!].map(({ literal }) => Number(literal));
    if (double === null || [first!, second!].some(({ literal }) => typeof literal !== 'number')) return null;
    const [origin, size] = [a!, sizeOf(a!, b!)].map((value) => `CAST('${value}' AS DOUBLE)`);
    return Number.isFinite(sizeOf(a!, b!)) ? raw(`((${double} - ${origin}) / ${size})`) : null;
  };
}

export const zScore = scaled((_, stddev) => stddev);
export const minMax = scaled((min, max) => max - min);

/** Elements of any numeric types; NULL where one is. */
export const toVector: SqlRule = (args) => {
  const elements = args.map((arg) => doubleSql(arg, false));
  if (elements.includes(null)) return null;
  const present = elements.map((element) => `${element} IS NOT NULL`).join(' AND ');
  return exact(`(CASE WHEN ${present} THEN [${elements.join(', ')}] END)`);
};
