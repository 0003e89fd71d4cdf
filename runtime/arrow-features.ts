import {
  Bool,
  type DataType,
  Decimal,
  Dictionary,
  Field,
  Float64,
  Int8,
  Int32,
  Int64,
  List,
  Map_,
  Struct,
  Table,
  Timestamp,
  TimeUnit,
  tableToIPC,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow';
import { typeOfText } from '../core/definitions/value-types.ts';
import type { ValueType } from '../core/values/types.ts';

/** What `featureVectors` answers, as JSON has it; what was not asked for is not there. */
export interface FeatureColumns {
  readonly service: string;
  readonly version: number;
  readonly readAt: string;
  readonly names: readonly string[];
  readonly types: readonly string[];
  readonly values: readonly (readonly unknown[])[];
  readonly statuses?: readonly (readonly string[])[];
  readonly defaulted?: readonly (readonly boolean[])[];
  readonly eventTimes?: readonly (readonly (string | null)[])[];
}

/**
 * A stream of Arrow's IPC format with one batch: a column per feature under its name, of the Arrow type that holds its
 * declared type without loss, then `NAME__status`, `NAME__defaulted` and `NAME__event_timestamp` as far as they were asked
 * for. The schema's metadata has `service`, `version` and `read_at`.
 */
export function arrowOf(columns: FeatureColumns): Buffer {
  const { names, types, values, statuses, defaulted, eventTimes } = columns;
  const vectors: Record<string, Vector> = {};
  names.forEach((name, i) => {
    const type = typeOfText(types[i]!);
    if (type === null) throw new Error(`feature ${name} has the type ${types[i]}, which this process does not know`);
    vectors[name] = vectorOf(values[i]!, arrowTypeOf(type), type);
  });
  names.forEach((name, i) => {
    if (statuses !== undefined) vectors[`${name}__status`] = vectorFromArray(statuses[i]!, statusType());
    if (defaulted !== undefined) vectors[`${name}__defaulted`] = vectorFromArray(defaulted[i]!, new Bool());
    if (eventTimes !== undefined)
      vectors[`${name}__event_timestamp`] = vectorOf(eventTimes[i]!, instantType(), instant);
  });
  const table = new Table(vectors);
  table.schema.metadata.set('service', columns.service);
  table.schema.metadata.set('version', String(columns.version));
  table.schema.metadata.set('read_at', columns.readAt);
  return Buffer.from(tableToIPC(table, 'stream'));
}

const instant: ValueType = { kind: 'timestamp' };

function instantType(): Timestamp {
  return new Timestamp(TimeUnit.MILLISECOND, 'UTC');
}

/** A dictionary for each column: a batch says which of its own few texts each row has. */
function statusType(): Dictionary<Utf8, Int8> {
  return new Dictionary(new Utf8(), new Int8());
}

function vectorOf(values: readonly unknown[], arrow: DataType, type: ValueType): Vector {
  return vectorFromArray(
    values.map((value) => asArrow(type, value)),
    arrow,
  );
}

function arrowTypeOf(type: ValueType): DataType {
  switch (type.kind) {
    case 'int32':
      return new Int32();
    case 'int64':
      return new Int64();
    case 'float64':
      return new Float64();
    case 'string':
      return new Utf8();
    case 'bool':
      return new Bool();
    case 'timestamp':
      return instantType();
    case 'decimal':
      return new Decimal(type.scale, type.precision, 128);
    case 'vector':
      return new List(new Field('item', new Float64(), true));
    case 'list':
      return new List(new Field('item', arrowTypeOf(type.element), true));
    case 'map': {
      const entries = new Struct<{ key: Utf8; value: DataType }>([
        new Field('key', new Utf8(), false),
        new Field('value', arrowTypeOf(type.value), true),
      ]);
      return new Map_(new Field('entries', entries, false));
    }
  }
}

/** A value as JSON has it, as the library's builders take it. */
function asArrow(type: ValueType, value: unknown): unknown {
  if (value === null) return null;
  switch (type.kind) {
    case 'int64':
      return BigInt(value as number | string);
    case 'timestamp':
      return Date.parse(value as string);
    case 'decimal':
      return decimalWords(value as string);
    case 'list':
      return (value as readonly unknown[]).map((element) => asArrow(type.element, element));
    case 'map':
      return new Map(Object.entries(value as object).map(([key, element]) => [key, asArrow(type.value, element)]));
    default:
      return value;
  }
}

/** The digits of a decimal, which has as many behind the point as its scale, as a whole number of 128 bits. */
function decimalWords(text: string): Uint32Array {
  const digits = BigInt.asUintN(128, BigInt(text.replace('.', '')));
  return Uint32Array.from({ length: 4 }, (_, word) => Number((digits >> BigInt(word * 32)) & 0xffff_ffffn));
}
