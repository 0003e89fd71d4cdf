import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { formatDecimal, unitsOf } from './decimal.ts';
import type { Integer } from './integers.ts';
import type { Value, ValueType } from './types.ts';

/** Writes a value that is not NULL; its type is known to the reader. */
export function writeValue(out: ByteWriter, type: ValueType, value: Exclude<Value, null>): void {
  switch (type.kind) {
    case 'int32':
    case 'int64':
    case 'timestamp':
      out.integer(value as Integer);
      return;
    case 'float64':
      out.float64(value as number);
      return;
    case 'decimal':
      out.integer(unitsOf(value as string));
      return;
    case 'string':
      out.text(value as string);
      return;
    case 'bool':
      out.byte(value === true ? 1 : 0);
      return;
    case 'vector':
      for (const element of value as readonly number[]) out.float64(element);
      return;
    case 'list': {
      const elements = value as readonly Value[];
      out.unsigned(elements.length);
      for (const element of elements) writeNullable(out, type.element, element);
      return;
    }
    case 'map': {
      const entries = value as ReadonlyMap<string, Value>;
      out.unsigned(entries.size);
      for (const [key, element] of entries) {
        out.text(key);
        writeNullable(out, type.value, element);
      }
    }
  }
}

/** Writes a value that may be NULL. */
export function writeNullable(out: ByteWriter, type: ValueType, value: Value): void {
  out.byte(value === null ? 0 : 1);
  if (value !== null) writeValue(out, type, value);
}

export function readValue(input: ByteReader, type: ValueType): Exclude<Value, null> {
  switch (type.kind) {
    case 'int32':
    case 'int64':
    case 'timestamp':
      return input.integer();
    case 'float64':
      return input.float64();
    case 'decimal':
      return formatDecimal(input.integer(), type.scale);
    case 'string':
      return input.text();
    case 'bool':
      return input.byte() === 1;
    case 'vector':
      return Array.from({ length: type.length }, () => input.float64());
    case 'list':
      return Array.from({ length: input.unsigned() }, () => readNullable(input, type.element));
    case 'map': {
      const entries = new Map<string, Value>();
      for (let count = input.unsigned(); count > 0; count--) {
        const key = input.text();
        entries.set(key, readNullable(input, type.value));
      }
      return entries;
    }
  }
}

export function readNullable(input: ByteReader, type: ValueType): Value {
  const { kind } = type;
  if (kind === 'int64' || kind === 'int32' || kind === 'timestamp') return input.nullableInteger();
  return input.byte() === 0 ? null : readValue(input, type);
}

/** Passes over a value that is not NULL without making it. */
export function skipValue(input: ByteReader, type: ValueType): void {
  switch (type.kind) {
    case 'int32':
    case 'int64':
    case 'timestamp':
    case 'decimal':
      input.skipInteger();
      return;
    case 'float64':
      input.skip(8);
      return;
    case 'string':
      input.skip(input.unsigned());
      return;
    case 'bool':
      input.skip(1);
      return;
    case 'vector':
      input.skip(8 * type.length);
      return;
    default:
      readValue(input, type);
  }
}

export function skipNullable(input: ByteReader, type: ValueType): void {
  if (input.byte() !== 0) skipValue(input, type);
}
