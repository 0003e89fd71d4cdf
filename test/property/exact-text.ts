import { DuckDBListValue, DuckDBMapValue } from '@duckdb/node-api';
import { fromDuck } from '../../adapters/duckdb/sql-types.ts';
import type { Value, ValueType } from '../../core/values/types.ts';

/**
 * A value in memory or as DuckDB returned it as text that is equal only where every bit is: -0 and NaN, which no value
 * is, show.
 */
export function exactText(type: ValueType, value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  switch (type.kind) {
    case 'float64':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'vector':
      return listText({ kind: 'float64' }, value);
    case 'list':
      return listText(type.element, value);
    case 'map': {
      const entries = value instanceof DuckDBMapValue ? value.entries.map((entry) => [entry.key, entry.value]) : value;
      const texts = [...(entries as Iterable<[string, unknown]>)].map(
        ([key, item]) => `${JSON.stringify(key)}: ${exactText(type.value, item)}`,
      );
      return `{${texts.join(', ')}}`;
    }
    default: {
      const held = typeof value === 'object' || typeof value === 'bigint';
      const plain = held ? fromDuck(type, value as Parameters<typeof fromDuck>[1]) : (value as Value);
      return typeof plain === 'string' ? JSON.stringify(plain) : String(plain);
    }
  }
}

function listText(element: ValueType, value: unknown): string {
  const items = value instanceof DuckDBListValue ? value.items : (value as readonly Value[]);
  return `[${items.map((item) => exactText(element, item)).join(', ')}]`;
}
