import avro from 'avsc';
import protobuf from 'protobufjs';
import { expect, it } from 'vitest';
import { type RegisteredSubject, startSchemaRegistry } from '../../test/doubles/schema-registry-server.ts';
import { createSchemaRegistryCodecs } from './codecs.ts';
import { createSchemaRegistry } from './registry.ts';

const order = {
  type: 'record',
  name: 'Order',
  namespace: 'shop',
  fields: [
    { name: 'orderId', type: { type: 'long' } },
    { name: 'userId', type: ['null', 'string'], default: null },
    { name: 'amount', type: { type: 'bytes', logicalType: 'decimal', precision: 10, scale: 2 } },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'shippedAt', type: { type: 'long', logicalType: 'timestamp-micros' } },
    { name: 'day', type: { type: 'int', logicalType: 'date' } },
    { name: 'state', type: { type: 'enum', name: 'State', symbols: ['NEW', 'PAID'] } },
    { name: 'tags', type: { type: 'array', items: 'string' } },
  ],
};

const visitProto = `syntax = "proto3";
package shop;
import "google/protobuf/timestamp.proto";
import "common.proto";
message Unused { string x = 1; }
message Visit {
  int64 id = 1;
  string userId = 2;
  optional int32 depth = 3;
  int32 clicks = 4;
  google.protobuf.Timestamp at = 5;
  Device device = 6;
  repeated string pages = 7;
  map<string, int64> times = 8;
  bool isBot = 9;
  shop.Place place = 10;
  message Nested { string name = 1; }
}
enum Device { UNKNOWN = 0; PHONE = 1; }`;
const placeProto = 'syntax = "proto3"; package shop; message Place { string city = 1; }';

const subjects: readonly RegisteredSubject[] = [
  { subject: 'orders-value', version: 1, id: 7, schema: JSON.stringify(order) },
  { subject: 'common', version: 2, id: 8, schemaType: 'PROTOBUF', schema: placeProto },
  {
    subject: 'visits-value',
    version: 1,
    id: 9,
    schemaType: 'PROTOBUF',
    schema: visitProto,
    references: [{ name: 'common.proto', subject: 'common', version: 2 }],
  },
  { subject: 'state', version: 1, id: 10, schema: JSON.stringify(order.fields[6]!.type) },
  {
    subject: 'stateful',
    version: 1,
    id: 11,
    schema: JSON.stringify({ type: 'record', name: 'Stateful', fields: [{ name: 'state', type: 'State' }] }),
    references: [{ name: 'State', subject: 'state', version: 1 }],
  },
  { subject: 'text', version: 1, id: 12, schema: '"string"' },
  { subject: 'broken', version: 1, id: 13, schema: '{"type":"recard"}' },
];

const framed = (id: number, ...bytes: readonly (number | Uint8Array)[]): Uint8Array =>
  Buffer.concat([
    Buffer.from([0, 0, 0, 0, id]),
    ...bytes.map((one) => (typeof one === 'number' ? Buffer.from([one]) : one)),
  ]);

async function opened() {
  const server = await startSchemaRegistry(subjects);
  return { server, codecs: createSchemaRegistryCodecs(createSchemaRegistry({ url: server.url })) };
}

it('reads Avro as its bytes are specified, and asks for a schema once', async () => {
  const { server, codecs } = await opened();
  await using _ = server;
  // Zigzag numbers; 1 = the second branch; two bytes of −150; PAID; one tag, and the end of the array.
  const long = (value: bigint) => avro.Type.forSchema('long').toBuffer(Number(value));
  const bytes = framed(
    7,
    Buffer.from([0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]),
    Buffer.from([0x02, 0x04, 0x75, 0x31]),
    Buffer.from([0x04, 0xff, 0x6a]),
    long(991_353_600_123n),
    long(991_353_600_123_999n),
    Buffer.from([0x02]),
    Buffer.from([0x02]),
    Buffer.from([0x02, 0x02, 0x61, 0x00]),
  );
  const row = {
    orderId: 2n ** 63n - 1n,
    userId: 'u1',
    amount: '-1.50',
    at: 991_353_600_123,
    shippedAt: 991_353_600_123,
    day: 86_400_000,
    state: 'PAID',
    tags: ['a'],
  };
  const [first, second] = await codecs.decode('avro', [bytes, bytes]);
  expect({ ...(first as { row: object }).row }).toEqual(row);
  expect(second).toEqual(first);
  expect(server.asked).toEqual(['/schemas/ids/7']);
});

it('reads Avro of a schema that refers to another', async () => {
  const { server, codecs } = await opened();
  await using _ = server;
  const [read] = await codecs.decode('avro', [framed(11, 0x00)]);
  expect({ ...(read as { row: object }).row }).toEqual({ state: 'NEW' });
});

it('reads Protobuf: every message of a file, presence, defaults, imports and well-known types', async () => {
  const { server, codecs } = await opened();
  await using _ = server;
  const root = new protobuf.Root();
  protobuf.parse(placeProto, root, { keepCase: true });
  protobuf.parse(visitProto, root, { keepCase: true });
  root.addJSON(protobuf.common.get('google/protobuf/timestamp.proto')!.nested!);
  const encode = (type: string, value: object): Uint8Array =>
    root.lookupType(type).encode(root.lookupType(type).fromObject(value)).finish();
  const full = encode('shop.Visit', {
    id: '9007199254740993',
    userId: 'u1',
    depth: 0,
    at: { seconds: 991_353_600, nanos: 123_999_999 },
    device: 1,
    pages: ['a', 'b'],
    times: { a: 5 },
    isBot: true,
    place: { city: 'Oslo' },
  });
  // [1]: one index, 1, as zigzag numbers; [1, 0]: the type nested in it.
  const [read, empty, nested] = await codecs.decode('protobuf', [
    framed(9, 0x02, 0x02, full),
    framed(9, 0x02, 0x02),
    framed(9, 0x04, 0x02, 0x00, encode('shop.Visit.Nested', { name: 'n' })),
  ]);
  expect(read).toEqual({
    row: {
      id: 9_007_199_254_740_993n,
      userId: 'u1',
      depth: 0,
      clicks: 0,
      at: 991_353_600_123,
      device: 'PHONE',
      pages: ['a', 'b'],
      times: { a: 5n },
      isBot: true,
      place: { city: 'Oslo' },
    },
  });
  expect(empty).toEqual({
    row: {
      ...{
        id: 0n,
        userId: '',
        depth: null,
        clicks: 0,
        at: null,
        device: 'UNKNOWN',
        pages: [],
        times: {},
        isBot: false,
      },
      place: null,
    },
  });
  expect(nested).toEqual({ row: { name: 'n' } });
  expect(await codecs.decode('protobuf', [framed(9, 0x00)])).toEqual([{ row: { x: '' } }]);
});

it('says of each payload what is wrong with it, and reads the others', async () => {
  const { server, codecs } = await opened();
  await using _ = server;
  const payloads = [
    Buffer.from('{"a":1}'),
    new Uint8Array(),
    framed(99, 0),
    framed(9, 0),
    framed(7, 0x80),
    framed(12, 0x02, 0x61),
    framed(13, 0),
    framed(11, 0x02),
  ];
  const decoded = await codecs.decode('avro', payloads);
  expect(decoded.slice(0, 7).map((one) => ('problem' in one ? one.problem : one.row))).toEqual([
    'expected a zero byte and a schema’s id; got 0x7b2261223a317d',
    'expected a zero byte and a schema’s id; got nothing',
    'expected a schema that the registry has; got id 99, which it has not',
    'expected a schema of type AVRO; got id 9, of type PROTOBUF',
    expect.stringMatching(/^expected bytes of the schema; got: /),
    'expected a record; got string',
    expect.stringMatching(/^expected a schema that can be read; got id 13: /),
  ]);
  expect({ ...(decoded[7] as { row: object }).row }).toEqual({ state: 'PAID' });
});

it('waits for a registry that does not answer, with the user that the URL names', async () => {
  await using server = await startSchemaRegistry(subjects);
  const url = server.url.replace('//', '//me:p%40ss@');
  const codecs = createSchemaRegistryCodecs(createSchemaRegistry({ url }));
  server.setBroken(true);
  const failed = codecs.decode('avro', [framed(11, 0)]);
  await expect(failed).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await expect(failed).rejects.toThrow(/schemas\/ids\/11: the schema registry does not answer; got status 500/);
  server.setBroken(false);
  expect(await codecs.decode('avro', [framed(11, 0)])).toHaveLength(1);
  expect(server.asked[0]).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')} /schemas/ids/11`);
  const nobody = createSchemaRegistryCodecs(createSchemaRegistry({ url: 'http://127.0.0.1:1' }));
  await expect(nobody.decode('avro', [framed(7, 0)])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});
