import type { PayloadFormat } from '../../core/definitions/model.ts';
import type { DecodedPayload, PayloadCodecs } from '../../core/ports/payload-codecs.ts';
import { avroDecoder } from './avro.ts';
import { protobufDecoder } from './protobuf.ts';
import type { RegisteredSchema, SchemaRegistry } from './registry.ts';

type Decoder = (bytes: Buffer) => unknown;
type Prepared = { readonly decode: Decoder } | { readonly problem: string };

const decoders: Readonly<
  Record<PayloadFormat, { readonly type: RegisteredSchema['type']; of(schema: RegisteredSchema): Decoder }>
> = {
  avro: { type: 'AVRO', of: avroDecoder },
  protobuf: { type: 'PROTOBUF', of: protobufDecoder },
};

/** Payloads as Confluent's serializers write them: a zero byte, the schema's id (32 bits, big-endian), then the value. */
export function createSchemaRegistryCodecs(registry: SchemaRegistry): PayloadCodecs {
  const prepared = new Map<string, Prepared>();

  async function prepare(format: PayloadFormat, id: number): Promise<Prepared> {
    const known = prepared.get(`${format} ${id}`);
    if (known !== undefined) return known;
    const schema = await registry.byId(id);
    // It may be registered yet: a record that comes later is asked for again.
    if (schema === null) return { problem: `expected a schema that the registry has; got id ${id}, which it has not` };
    const made = preparedFor(format, id, schema);
    prepared.set(`${format} ${id}`, made);
    return made;
  }

  return {
    async decode(format, payloads) {
      const decoded: DecodedPayload[] = [];
      for (const payload of payloads) {
        const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
        if (bytes.length < 5 || bytes[0] !== 0) {
          decoded.push({ problem: `expected a zero byte and a schema’s id; got ${describeStart(bytes)}` });
          continue;
        }
        const schema = await prepare(format, bytes.readUInt32BE(1));
        decoded.push('problem' in schema ? schema : decodeOne(schema.decode, bytes.subarray(5)));
      }
      return decoded;
    },
  };
}

function preparedFor(format: PayloadFormat, id: number, schema: RegisteredSchema): Prepared {
  const { type, of } = decoders[format];
  if (schema.type !== type)
    return { problem: `expected a schema of type ${type}; got id ${id}, of type ${schema.type}` };
  try {
    return { decode: of(schema) };
  } catch (error) {
    return { problem: `expected a schema that can be read; got id ${id}: ${messageOf(error)}` };
  }
}

function decodeOne(decode: Decoder, bytes: Buffer): DecodedPayload {
  try {
    const row = decode(bytes);
    if (typeof row === 'object' && row !== null && !Array.isArray(row)) return { row: row as Record<string, unknown> };
    return { problem: `expected a record; got ${row === null ? 'null' : typeof row}` };
  } catch (error) {
    return { problem: `expected bytes of the schema; got: ${messageOf(error)}` };
  }
}

function describeStart(bytes: Buffer): string {
  return bytes.length === 0 ? 'nothing' : `0x${bytes.subarray(0, 8).toString('hex')}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
