import type { ValueType } from '../../../core/values/types.ts';

/** feast.types.ValueType.Enum, by number. */
const names: Readonly<Record<number, string>> = {
  ...{ 0: 'UNKNOWN', 1: 'BYTES', 2: 'STRING', 3: 'INT32', 4: 'INT64', 5: 'DOUBLE', 6: 'FLOAT', 7: 'BOOL' },
  ...{ 8: 'UNIX_TIMESTAMP', 11: 'BYTES_LIST', 12: 'STRING_LIST', 13: 'INT32_LIST', 14: 'INT64_LIST' },
  ...{ 15: 'DOUBLE_LIST', 16: 'FLOAT_LIST', 17: 'BOOL_LIST', 18: 'UNIX_TIMESTAMP_LIST', 20: 'MAP', 21: 'MAP_LIST' },
  ...{ 32: 'JSON', 34: 'STRUCT', 36: 'UUID', 37: 'TIME_UUID', 44: 'DECIMAL', 47: 'SCALAR_MAP', 48: 'ZONED_TIMESTAMP' },
};

const scalars: Readonly<Record<string, ValueType>> = {
  STRING: { kind: 'string' },
  INT32: { kind: 'int32' },
  INT64: { kind: 'int64' },
  DOUBLE: { kind: 'float64' },
  FLOAT: { kind: 'float64' },
  BOOL: { kind: 'bool' },
  UNIX_TIMESTAMP: { kind: 'timestamp' },
  JSON: { kind: 'string' },
  UUID: { kind: 'string' },
  TIME_UUID: { kind: 'string' },
};

export function typeNameOf(type: number): string {
  return names[type] ?? `number ${type}`;
}

/** The type that holds every value of one of Feast's; null = there is none. */
export function valueTypeOf(type: number, vectorLength = 0): ValueType | null {
  const name = typeNameOf(type);
  if (vectorLength > 0 && (name === 'FLOAT_LIST' || name === 'DOUBLE_LIST')) {
    return { kind: 'vector', length: vectorLength };
  }
  const element = scalars[name.replace(/_LIST$/, '')];
  if (element === undefined) return null;
  return name.endsWith('_LIST') ? { kind: 'list', element } : element;
}
