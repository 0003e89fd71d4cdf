import fc from 'fast-check';
import protobuf from 'protobufjs';
import { expect, test } from 'vitest';
import { AsofError } from '../../core/errors/asof-error.ts';
import { encoded } from './codec.ts';
import {
  type BatchGetFeaturesRequestGiven,
  type FeatureValueGiven,
  readBatchGetFeaturesRequest,
  readFeatureValue,
  writeBatchGetFeaturesRequest,
  writeFeatureValue,
} from './generated/feature_store.ts';
import { ProtoReader } from './proto-reader.ts';

/** Another implementation, which is asked in JSON: its 64-bit integers are text there. */
const root = await protobuf.load('schema/feature_store.proto');
const options = { longs: String, enums: Number, defaults: false };

const int64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(0n, -1n, 1n, 127n, 128n, 2n ** 31n, 2n ** 32n, 2n ** 53n, -(2n ** 53n), -(2n ** 63n), 2n ** 63n - 1n),
);
const value: fc.Memo<FeatureValueGiven> = fc.memo((depth) => {
  const leaves = [
    int64.map((x) => ({ intValue: BigInt.asIntN(53, x) === x ? Number(x) : x })),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((doubleValue) => ({ doubleValue })),
    fc.string({ unit: 'binary' }).map((stringValue) => ({ stringValue })),
    fc.string({ minLength: 60, maxLength: 200 }).map((stringValue) => ({ stringValue })),
    fc.boolean().map((boolValue) => ({ boolValue })),
    fc.array(fc.double({ noNaN: true })).map((values) => ({ vectorValue: { values } })),
    fc.nat({ max: 5 }).map((status) => ({ status })),
    fc
      .record({ seconds: fc.integer(), nanos: fc.nat({ max: 999_999_999 }) })
      .map((timestampValue) => ({ timestampValue, eventTime: timestampValue, defaulted: true })),
  ] as const;
  if (depth <= 1) return fc.oneof(...leaves);
  return fc.oneof(
    ...leaves,
    fc.array(value(depth - 1), { maxLength: 4 }).map((values) => ({ listValue: { values } })),
    fc
      .array(fc.tuple(fc.string({ unit: 'grapheme' }), value(depth - 1)), { maxLength: 4 })
      .map((entries) => ({ mapValue: { values: new Map(entries) } })),
  );
});

/** As the other implementation gives it: 64-bit integers as text, maps as objects, what is not set left out. */
function plain(given: unknown, name = ''): unknown {
  if (name === 'intValue' || name === 'seconds') return String(given);
  if (given instanceof Map) return Object.fromEntries([...given].map(([key, one]) => [key, plain(one)]));
  if (Array.isArray(given)) return given.map((one) => plain(one));
  if (typeof given !== 'object' || given === null) return given;
  const isSet = ([field, one]: readonly [string, unknown]): boolean =>
    one !== undefined &&
    !(Array.isArray(one) && one.length === 0) &&
    !(one instanceof Map && one.size === 0) &&
    !(['status', 'nanos', 'seconds', 'defaulted'].includes(field) && !one);
  return Object.fromEntries(
    Object.entries(given)
      .filter(isSet)
      .map(([field, one]) => [field, plain(one, field)]),
  );
}

test('what is written is what another implementation reads', () => {
  const type = root.lookupType('FeatureValue');
  fc.assert(
    fc.property(value(1), (given) => {
      const bytes = encoded(writeFeatureValue, given);
      const read = type.toObject(type.decode(bytes), options);
      expect(plain(read)).toEqual(plain(given));
    }),
    { numRuns: 500 },
  );
});

test('what another implementation writes is read as it was meant, and ours in every depth', () => {
  const type = root.lookupType('FeatureValue');
  fc.assert(
    fc.property(value(3), (given) => {
      const ours = encoded(writeFeatureValue, given);
      const theirs = type.encode(type.decode(ours)).finish();
      const back = (bytes: Uint8Array) => readFeatureValue(new ProtoReader(bytes));
      expect(back(theirs)).toEqual(back(ours));
      expect(plain(back(ours))).toEqual(plain(given));
    }),
    { numRuns: 500 },
  );
});

test('lengths of every size go round', () => {
  for (const size of [0, 1, 63, 64, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152]) {
    const given = { vectorValue: { values: new Array<number>(Math.floor(size / 8)).fill(1.5) } };
    expect(readFeatureValue(new ProtoReader(encoded(writeFeatureValue, given))).vectorValue).toEqual(given.vectorValue);
    const text = { listValue: { values: [{ stringValue: 'ü'.repeat(size / 2) }] } };
    const read = readFeatureValue(new ProtoReader(encoded(writeFeatureValue, text)));
    expect(read.listValue!.values[0]!.stringValue).toBe(text.listValue.values[0]!.stringValue);
  }
});

test('fields that are not known are passed over', () => {
  const newer = protobuf
    .parse(
      'syntax = "proto3"; message Newer { repeated string entity_ids = 1; int64 a = 100; double b = 101; float c = 102; string d = 103; }',
    )
    .root.lookupType('Newer');
  const bytes = newer.encode(newer.fromObject({ entityIds: ['x'], a: -1, b: 1, c: 1, d: 'more' })).finish();
  expect(readBatchGetFeaturesRequest(new ProtoReader(bytes)).entityIds).toEqual(['x']);
});

test('bytes that mean nothing are bad input and nothing else', () => {
  const good = encoded(writeBatchGetFeaturesRequest, {
    entityIds: ['ATL', 'JFK'],
    featureNames: ['origin_delays:landed_1h'],
    keys: [{ values: new Map([['iata', { stringValue: 'ATL' }]]) }],
  } satisfies BatchGetFeaturesRequestGiven);
  const damaged = fc
    .array(fc.tuple(fc.nat({ max: good.length - 1 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 5 })
    .map((changes) => {
      const bytes = Buffer.from(good);
      for (const [at, byte] of changes) bytes[at] = byte;
      return new Uint8Array(bytes.subarray(0, changes[0]![0] + 1));
    });
  let refused = 0;
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), damaged), (bytes) => {
      try {
        readBatchGetFeaturesRequest(new ProtoReader(bytes));
      } catch (error) {
        refused++;
        expect(error).toBeInstanceOf(AsofError);
        expect((error as AsofError).code).toBe('BAD_INPUT');
      }
    }),
    { numRuns: 5_000 },
  );
  expect(refused).toBeGreaterThan(1_000);
});

test('messages within one another have an end', () => {
  let bytes = Buffer.alloc(0);
  for (let i = 0; i < 1_000; i++) {
    const inner = encoded((out) => {
      out.uint32(58);
      const list = out.begin();
      out.uint32(10);
      out.bytes(bytes);
      out.end(list);
    }, null);
    bytes = Buffer.from(inner);
  }
  expect(() => readFeatureValue(new ProtoReader(bytes))).toThrow(/within one another/);
});
