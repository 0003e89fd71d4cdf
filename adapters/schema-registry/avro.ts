import avro, { type Schema, type Type } from 'avsc';
import type { RegisteredSchema } from './registry.ts';

/** Reads the bytes of one record; throws when they are not of the schema. */
export function avroDecoder(schema: RegisteredSchema): (bytes: Buffer) => unknown {
  const named: Record<string, Type> = { long: bigintLong };
  const define = ({ text, references }: RegisteredSchema): Type => {
    for (const { schema: referred } of references) define(referred);
    return avro.Type.forSchema(parseSchema(text), {
      registry: named,
      logicalTypes: { decimal: DecimalText, date: DateMillis, 'timestamp-micros': MicrosMillis },
      wrapUnions: 'never',
      omitRecordMethods: true,
    } as object);
  };
  const type = define(schema);
  return (bytes) => type.fromBuffer(bytes);
}

/** A primitive type may stand alone, without quotes. */
function parseSchema(text: string): Schema {
  return /^[{["]/.test(text) ? JSON.parse(text, shortLong) : text;
}

/** avsc finds our type for `"long"` only where it is not written as `{"type": "long"}`. */
function shortLong(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('type' in value) || value.type !== 'long') return value;
  return 'name' in value || 'logicalType' in value ? value : 'long';
}

const bigintLong = avro.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(value);
    return bytes;
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (a: bigint, b: bigint) => (a === b ? 0 : a < b ? -1 : 1),
});

/** Unscaled, big-endian, in two's complement. */
class DecimalText extends avro.types.LogicalType {
  readonly #scale: number;
  constructor(schema: { readonly scale?: number }, options: object) {
    super(schema as Schema, options);
    this.#scale = schema.scale ?? 0;
  }
  override _fromValue(bytes: Buffer): string {
    if (bytes.length === 0) return '0';
    const unscaled = BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`));
    const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(this.#scale + 1, '0');
    const whole = digits.slice(0, digits.length - this.#scale);
    return `${unscaled < 0n ? '-' : ''}${whole}${this.#scale === 0 ? '' : `.${digits.slice(-this.#scale)}`}`;
  }
}

class DateMillis extends avro.types.LogicalType {
  override _fromValue(days: number): number {
    return days * 86_400_000;
  }
}

class MicrosMillis extends avro.types.LogicalType {
  override _fromValue(micros: bigint): number {
    return Math.floor(Number(micros) / 1_000);
  }
}
