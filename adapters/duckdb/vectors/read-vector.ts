import { formatDecimal } from '../../../core/values/decimal.ts';
import { toInteger } from '../../../core/values/integers.ts';
import type { Value, ValueType } from '../../../core/values/types.ts';
import { floorMicros } from '../sql-types.ts';
import { bindings, type Vector } from './bindings.ts';
import { textReader } from './read-text.ts';

/** The first `count` values of a vector of `duckTypeOf(type)`, as the rest of the program holds them (see `fromDuck`). */
export function readVector(type: ValueType, vector: Vector, count: number): Value[] {
  const validity = bindings.vector_get_validity(vector, Math.ceil(count / 64) * 8) ?? null;
  const isNull: IsNull =
    validity === null ? () => false : (index) => ((validity[index >> 3]! >> (index & 7)) & 1) === 0;
  const read = itemReader(type, vector, count, isNull);
  const values: Value[] = new Array(count);
  for (let i = 0; i < count; i++) values[i] = isNull(i) ? null : read(i);
  return values;
}

type IsNull = (index: number) => boolean;

type ReadItem = (index: number) => Value;

/** Reads one that is not NULL; what stands in the place of a NULL may be anything. */
function itemReader(type: ValueType, vector: Vector, count: number, isNull: IsNull): ReadItem {
  switch (type.kind) {
    case 'int32': {
      const items = new Int32Array(...memoryOf(vector, count, 4));
      return (index) => items[index]!;
    }
    case 'int64': {
      const integers = int64Reader(vector, count);
      return (index) => {
        const integer = integers(index);
        return typeof integer === 'bigint' ? toInteger(integer) : integer;
      };
    }
    case 'float64': {
      const items = new Float64Array(...memoryOf(vector, count, 8));
      return (index) => finite(items[index]!);
    }
    case 'bool': {
      const items = new Uint8Array(...memoryOf(vector, count, 1));
      return (index) => items[index] !== 0;
    }
    case 'timestamp': {
      const integers = int64Reader(vector, count);
      return (index) => floorMicros(integers(index));
    }
    case 'decimal': {
      const units = unitsReader(type.precision, vector, count);
      const { scale } = type;
      return (index) => formatDecimal(units(index), scale);
    }
    case 'string':
      return textReader(bindings.vector_get_data(vector, count * 16), isNull);
    case 'vector':
      return listReader({ kind: 'float64' }, vector, count);
    case 'list':
      return listReader(type.element, vector, count);
    case 'map':
      return mapReader(type.value, vector, count);
  }
}

type Memory = readonly [buffer: ArrayBufferLike, offset: number, count: number];

function memoryOf(vector: Vector, count: number, itemBytes: number): Memory {
  const { buffer, byteOffset } = bindings.vector_get_data(vector, count * itemBytes);
  return [buffer, byteOffset, count];
}

/** Numbers where they are exact, so that most rows do without a bigint. */
function int64Reader(vector: Vector, count: number): (index: number) => number | bigint {
  const [buffer, offset] = memoryOf(vector, count, 8);
  const halves = new Int32Array(buffer, offset, count * 2);
  const whole = new BigInt64Array(buffer, offset, count);
  return (index) => {
    const number = halves[2 * index + 1]! * 2 ** 32 + (halves[2 * index]! >>> 0);
    return Number.isSafeInteger(number) ? number : whole[index]!;
  };
}

/** DuckDB keeps a decimal as units in the smallest integer that holds its precision. */
function unitsReader(precision: number, vector: Vector, count: number): (index: number) => number | bigint {
  if (precision <= 4) {
    const items = new Int16Array(...memoryOf(vector, count, 2));
    return (index) => items[index]!;
  }
  if (precision <= 9) {
    const items = new Int32Array(...memoryOf(vector, count, 4));
    return (index) => items[index]!;
  }
  if (precision <= 18) return int64Reader(vector, count);
  const [buffer, offset] = memoryOf(vector, count, 16);
  const lower = new BigUint64Array(buffer, offset, count * 2);
  const upper = new BigInt64Array(buffer, offset, count * 2);
  return (index) => toInteger((upper[2 * index + 1]! << 64n) + lower[2 * index]!);
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value + 0 : null;
}

/** An entry of a list is (offset, length) in the vector of all elements. */
function entriesReader(vector: Vector, count: number): (index: number) => readonly [from: number, to: number] {
  const entries = new BigUint64Array(...memoryOf(vector, count * 2, 8));
  return (index) => {
    const from = Number(entries[2 * index]!);
    return [from, from + Number(entries[2 * index + 1]!)];
  };
}

function listReader(element: ValueType, vector: Vector, count: number): ReadItem {
  const entries = entriesReader(vector, count);
  const items = readVector(element, bindings.list_vector_get_child(vector), bindings.list_vector_get_size(vector));
  return (index) => items.slice(...entries(index));
}

/** A map is a list of structs of key and value. */
function mapReader(type: ValueType, vector: Vector, count: number): ReadItem {
  const entries = entriesReader(vector, count);
  const child = bindings.list_vector_get_child(vector);
  const size = bindings.list_vector_get_size(vector);
  const keys = readVector({ kind: 'string' }, bindings.struct_vector_get_child(child, 0), size);
  const values = readVector(type, bindings.struct_vector_get_child(child, 1), size);
  return (index) => {
    const [from, to] = entries(index);
    const map = new Map<string, Value>();
    for (let i = from; i < to; i++) map.set(keys[i] as string, values[i]!);
    return map;
  };
}
