import avro from 'avsc';
import protobuf from 'protobufjs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithService } from '../../test/services/find-program.ts';
import {
  type SchemaRegistryServer,
  schemaRegistry,
  startSchemaRegistryServer,
} from '../../test/services/schema-registry.ts';
import { createSchemaRegistryCodecs } from './codecs.ts';
import { schemaRegistryHealth } from './health.ts';
import { createSchemaRegistry } from './registry.ts';

const state = { type: 'enum', name: 'State', namespace: 'shop', symbols: ['NEW', 'PAID'] } satisfies avro.Schema;
const order = (...more: readonly object[]) => ({
  type: 'record',
  name: 'Order',
  namespace: 'shop',
  fields: [
    { name: 'orderId', type: 'long' },
    { name: 'state', type: 'shop.State' },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
    ...more,
  ],
});
const placeProto = 'syntax = "proto3"; package shop; message Place { string city = 1; }';
const visitProto = `syntax = "proto3";
package shop;
import "common.proto";
message Visit { int64 id = 1; optional int32 depth = 2; Place place = 3; }`;

/** As Confluent's serializers write: a zero byte, the schema's id, and what the format wants before the message. */
function framed(id: number, message: Uint8Array, ...before: readonly number[]): Uint8Array {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(id, 1);
  return Buffer.concat([head, Buffer.from(before), message]);
}

describeWithService('schema registry', schemaRegistry, () => {
  let server: SchemaRegistryServer;
  beforeAll(async () => {
    server = await startSchemaRegistryServer();
  }, 300_000);
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  const codecs = () => createSchemaRegistryCodecs(createSchemaRegistry({ url: server.url }));

  it('gives what Avro needs that was written by two versions of a schema, which refers to another', async () => {
    await server.register('state', { schema: JSON.stringify(state) });
    const references = [{ name: 'shop.State', subject: 'state', version: 1 }];
    const schemas = [order(), order({ name: 'note', type: ['null', 'string'], default: null })];
    const ids: number[] = [];
    for (const schema of schemas) {
      ids.push(await server.register('orders-value', { schema: JSON.stringify(schema), references }));
    }
    expect(new Set(ids).size).toBe(2);
    const registry = {};
    avro.Type.forSchema(state, { registry });
    const [first, second] = schemas.map((schema) =>
      avro.Type.forSchema(schema as avro.Schema, { registry: { ...registry } }),
    );
    const at = 991_353_600_123;
    const decoded = await codecs().decode('avro', [
      framed(ids[0]!, first!.toBuffer({ orderId: 7, state: 'PAID', at })),
      framed(ids[1]!, second!.toBuffer({ orderId: 8, state: 'NEW', at, note: 'é' })),
    ]);
    expect(decoded.map((one) => ('row' in one ? { ...one.row } : one))).toEqual([
      { orderId: 7n, state: 'PAID', at },
      { orderId: 8n, state: 'NEW', at, note: 'é' },
    ]);
  });

  it('gives what Protobuf needs, with what a file imports', async () => {
    await server.register('common', { schema: placeProto, schemaType: 'PROTOBUF' });
    const references = [{ name: 'common.proto', subject: 'common', version: 1 }];
    const id = await server.register('visits-value', { schema: visitProto, schemaType: 'PROTOBUF', references });
    const root = new protobuf.Root();
    for (const text of [placeProto, visitProto]) protobuf.parse(text, root, { keepCase: true });
    const visit = root.lookupType('shop.Visit');
    const message = visit.encode(visit.fromObject({ id: 5, place: { city: 'Oslo' } })).finish();
    // A zero stands for the first message of the file.
    const [read] = await codecs().decode('protobuf', [framed(id, message, 0)]);
    expect(read).toEqual({ row: { id: 5n, depth: null, place: { city: 'Oslo' } } });
  });

  it('has no schema of another id, which is said of the payload alone', async () => {
    const [read] = await codecs().decode('avro', [framed(99_999, new Uint8Array())]);
    expect(read).toEqual({ problem: 'expected a schema that the registry has; got id 99999, which it has not' });
    const findings = [];
    for await (const finding of schemaRegistryHealth({ url: server.url }).checks()) findings.push(finding);
    expect(findings).toMatchObject([{ level: 'ok' }]);
  });

  it('is UNAVAILABLE while it is away; what was asked for before is still known', async () => {
    const away = await startSchemaRegistryServer();
    const schema = JSON.stringify({ type: 'record', name: 'Click', fields: [{ name: 'clickId', type: 'long' }] });
    const id = await away.register('clicks-value', { schema });
    const known = createSchemaRegistryCodecs(createSchemaRegistry({ url: away.url }));
    const payload = framed(id, Buffer.from([2]));
    const before = await known.decode('avro', [payload]);
    await away.kill();
    expect(await known.decode('avro', [payload])).toEqual(before);
    await expect(known.decode('avro', [framed(id + 1, Buffer.from([2]))])).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
  });
});
