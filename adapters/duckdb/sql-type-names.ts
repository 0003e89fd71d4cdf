import type { ValueType } from '../../core/values/types.ts';

/** A type as SQL spells it: BIGINT, DECIMAL(10,2), DOUBLE[]. */
export function sqlTypeOf(type: ValueType): string {
  switch (type.kind) {
    case 'int32':
      return 'INTEGER';
    case 'int64':
      return 'BIGINT';
    case 'float64':
      return 'DOUBLE';
    case 'string':
      return 'VARCHAR';
    case 'bool':
      return 'BOOLEAN';
    case 'timestamp':
      return 'TIMESTAMP';
    case 'decimal':
      return `DECIMAL(${type.precision},${type.scale})`;
    case 'vector':
      return 'DOUBLE[]';
    case 'list':
      return `${sqlTypeOf(type.element)}[]`;
    case 'map':
      return `MAP(VARCHAR, ${sqlTypeOf(type.value)})`;
  }
}
