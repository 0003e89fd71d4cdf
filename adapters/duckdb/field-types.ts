import { type DuckDBType, DuckDBTypeId } from '@duckdb/node-api';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { ValueType } from '../../core/values/types.ts';

/** The type that a column of a query or file has in a dataset. BAD_INPUT for one that values cannot have. */
export function fieldTypeOf(type: DuckDBType, name: string): ValueType {
  switch (type.typeId) {
    case DuckDBTypeId.BOOLEAN:
      return { kind: 'bool' };
    case DuckDBTypeId.TINYINT:
    case DuckDBTypeId.SMALLINT:
    case DuckDBTypeId.INTEGER:
    case DuckDBTypeId.UTINYINT:
    case DuckDBTypeId.USMALLINT:
      return { kind: 'int32' };
    case DuckDBTypeId.UINTEGER:
    case DuckDBTypeId.BIGINT:
    case DuckDBTypeId.UBIGINT:
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UHUGEINT:
      return { kind: 'int64' };
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
      return { kind: 'float64' };
    case DuckDBTypeId.DECIMAL:
      return { kind: 'decimal', precision: type.width, scale: type.scale };
    case DuckDBTypeId.VARCHAR:
    case DuckDBTypeId.UUID:
    case DuckDBTypeId.ENUM:
    case DuckDBTypeId.SQLNULL:
      return { kind: 'string' };
    case DuckDBTypeId.DATE:
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_S:
    case DuckDBTypeId.TIMESTAMP_MS:
    case DuckDBTypeId.TIMESTAMP_NS:
    case DuckDBTypeId.TIMESTAMP_TZ:
      return { kind: 'timestamp' };
    case DuckDBTypeId.MAP:
      return { kind: 'map', value: fieldTypeOf(type.valueType, name) };
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY:
      return { kind: 'list', element: fieldTypeOf(type.valueType, name) };
    default:
      throw new AsofError('BAD_INPUT', `the column ${JSON.stringify(name)} has a type that datasets cannot hold`, {
        path: name,
        got: type.toString(),
        remedy: 'CAST it to a number, text, bool, timestamp or list',
      });
  }
}
