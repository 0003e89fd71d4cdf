import type { Value, ValueType } from '../../core/values/types.ts';
import { integer, text } from './quoting.ts';
import { sqlTypeOf } from './sql-type-names.ts';

/** A value as a SQL literal of exactly its type. */
export function valueLiteral(type: ValueType, value: Value): string {
  return `CAST(${contentOf(type, value)} AS ${sqlTypeOf(type)})`;
}

function contentOf(type: ValueType, value: Value): string {
  if (value === null) return 'NULL';
  switch (type.kind) {
    case 'timestamp':
      return `make_timestamp(${integer(BigInt(value as number) * 1000n)})`;
    case 'vector':
      return `[${(value as readonly number[]).map((item) => valueLiteral({ kind: 'float64' }, item)).join(', ')}]`;
    case 'list':
      return `[${(value as readonly Value[]).map((item) => valueLiteral(type.element, item)).join(', ')}]`;
    case 'map': {
      const entries = [...(value as ReadonlyMap<string, Value>)];
      const keys = entries.map(([key]) => text(key)).join(', ');
      return `MAP([${keys}], [${entries.map(([, item]) => valueLiteral(type.value, item)).join(', ')}])`;
    }
    default:
      return text(String(value));
  }
}
