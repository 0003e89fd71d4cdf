import {
  BIGINT,
  BOOLEAN,
  DECIMAL,
  DOUBLE,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  LIST,
  MAP,
  TIMESTAMP,
  VARCHAR,
} from '@duckdb/node-api';
import { formatDecimal } from '../../core/values/decimal.ts';
import { toInteger } from '../../core/values/integers.ts';
import type { Value, ValueType } from '../../core/values/types.ts';

/** How a value of this type is stored: in the tail, in Parquet and in the tables of a join. */
export function duckTypeOf(type: ValueType): DuckDBType {
  switch (type.kind) {
    case 'int32':
      return INTEGER;
    case 'int64':
      return BIGINT;
    case 'float64':
      return DOUBLE;
    case 'string':
      return VARCHAR;
    case 'bool':
      return BOOLEAN;
    case 'timestamp':
      return TIMESTAMP;
    case 'decimal':
      return DECIMAL(type.precision, type.scale);
    case 'vector':
      return LIST(DOUBLE);
    case 'list':
      return LIST(duckTypeOf(type.element));
    case 'map':
      return MAP(VARCHAR, duckTypeOf(type.value));
  }
}

/** A value for a vector of `duckTypeOf(type)`. */
export function toDuck(type: ValueType, value: Value): DuckDBValue {
  if (value === null) return null;
  switch (type.kind) {
    case 'int64':
      return BigInt(value as number | bigint);
    case 'timestamp':
      return new DuckDBTimestampValue(BigInt(value as number) * 1000n);
    case 'decimal':
      return new DuckDBDecimalValue(BigInt((value as string).replace('.', '')), type.precision, type.scale);
    case 'vector':
      return new DuckDBListValue(value as readonly number[]);
    case 'list':
      return new DuckDBListValue((value as readonly Value[]).map((item) => toDuck(type.element, item)));
    case 'map':
      return new DuckDBMapValue(
        [...(value as ReadonlyMap<string, Value>)].map(([key, item]) => ({ key, value: toDuck(type.value, item) })),
      );
    default:
      return value as DuckDBValue;
  }
}

/** The value as the rest of the program holds it (see `Value`). Floors instants to milliseconds. */
export function fromDuck(type: ValueType, value: DuckDBValue | undefined): Value {
  if (value === null || value === undefined) return null;
  switch (type.kind) {
    case 'int64':
      return toInteger(BigInt(value as bigint | number));
    case 'float64':
      return finite(value as number);
    case 'timestamp':
      return floorMicros((value as DuckDBTimestampValue).micros);
    case 'decimal':
      return formatDecimal((value as DuckDBDecimalValue).value, type.scale);
    case 'vector':
      return (value as DuckDBListValue).items.map((item) => fromDuck({ kind: 'float64' }, item));
    case 'list':
      return (value as DuckDBListValue).items.map((item) => fromDuck(type.element, item));
    case 'map':
      return new Map(
        (value as DuckDBMapValue).entries.map((entry) => [String(entry.key), fromDuck(type.value, entry.value)]),
      );
    default:
      return value as Value;
  }
}

/** Whole milliseconds at or before an instant in microseconds. */
export function floorMicros(micros: number | bigint): number {
  const number = Number(micros);
  // Exact, and so is the remainder: every instant that is not refused anyway goes this way.
  if (number >= 0 && number <= Number.MAX_SAFE_INTEGER) return (number - (number % 1000)) / 1000;
  const whole = BigInt(micros);
  const rest = ((whole % 1000n) + 1000n) % 1000n;
  return Number((whole - rest) / 1000n);
}

function finite(value: number): number | null {
  if (!Number.isFinite(value)) return null;
  return value === 0 ? 0 : value;
}
