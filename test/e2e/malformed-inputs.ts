import fc from 'fast-check';
import { encoded } from '../../runtime/grpc/codec.ts';
import { servingServiceMethods, writeGetOnlineFeaturesRequest } from '../../runtime/grpc/generated/feast.ts';
import {
  featureStoreMethods,
  writeBatchGetFeaturesRequest,
  writeGetFeaturesRequest,
} from '../../runtime/grpc/generated/feature_store.ts';

/** What somebody may send who does not know better, or knows exactly. */
export type MalformedInput =
  | {
      readonly kind: 'http';
      readonly method: string;
      readonly path: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    }
  /** As they are, instead of a request. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** A message of gRPC. */
  | { readonly kind: 'call'; readonly path: string; readonly message: Uint8Array }
  /** One after the other over a WebSocket that was greeted. */
  | { readonly kind: 'messages'; readonly messages: readonly (string | Uint8Array)[] };

const operations = [
  'query A($c: [String!]!, $v: Int = 1) { airports(iata: $c) { iata originDelays(version: $v) { landed1h meta { status } } } }',
  '{ airport(iata: "ATL") { originDelays(maxAge: "5m") { meanDelay1h @include(if: true) } asOf(time: "2001-06-01T00:00:00Z") { __typename } } }',
  'query { featureVectors(service: "delay_model", keys: {origin: ["ATL"], destination: ["ORD"]}, request: {distanceMiles: 5}) { values } }',
  'mutation { push(input: { source: "landings", events: [{ flightId: 1 }] }) { accepted rejected { code } } }',
  'mutation($d: JSON!) { apply(input: { definitions: $d, dryRun: true }) { errors { message } } }',
  'subscription { airportChanged(iata: ["ATL"]) { iata ...F } } fragment F on Airport { iata }',
  '{ __schema { types { name fields { name type { ofType { name } } } } } featureViews(first: 3) { nodes { name } } }',
];
const pieces = [
  ...['{', '}', '(', ')', '[', ']', '"', '"""', '$', '@', '...', '#', '\\', '\\u', '&', ':', '!', '|', '='],
  ...['\u0000', '\ud800', '😀', '\u2028', '\ufeff', '-', '1e999', '99999999999999999999', '__proto__', 'null', 'NaN'],
  ...['fragment F on F { ...F }', 'query A { a } query A { a }', '{'.repeat(60), '['.repeat(500), 'a: b '.repeat(50)],
];
const piece = fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 8 }));
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.oneof(fc.constant(0), fc.nat(12), fc.constant(10_000)),
  piece: fc.oneof(fc.constant(''), piece),
});

function edited(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(text, fc.array(edit, { maxLength: 4 })).map(([before, edits]) =>
    edits.reduce((left, { at, cut, piece }) => {
      const place = Math.floor(at * left.length);
      return left.slice(0, place) + piece + left.slice(place + cut);
    }, before),
  );
}

const document = edited(fc.constantFrom(...operations));
const anything = fc.jsonValue({ maxDepth: 3 });
const payload = fc.oneof(
  fc.record({ query: document, variables: fc.oneof(fc.constant({ c: ['ATL'], d: {} }), anything) }),
  fc.record(
    { query: fc.oneof(document, anything), operationName: anything, extensions: anything },
    { requiredKeys: [] },
  ),
  fc.record({ documentId: anything, query: anything }),
  anything,
);
const features = fc.record(
  {
    service: fc.oneof(fc.constant('delay_model'), anything),
    keys: anything,
    request: anything,
    at: anything,
    select: anything,
  },
  { requiredKeys: ['service'] },
);
const columns = fc.oneof(
  fc.constant({ iata: ['ATL', 'none'] }),
  fc.dictionary(fc.string(), fc.array(anything)),
  anything,
);
const feast = fc.record(
  {
    features: fc.oneof(fc.constant(['airport_facts:name']), fc.array(fc.string()), anything),
    feature_service: fc.oneof(fc.constant('delay_model'), anything),
    entities: columns,
    full_feature_names: anything,
    push_source_name: fc.oneof(fc.constant('landings'), anything),
    df: columns,
  },
  { requiredKeys: [] },
);
const body = fc.oneof(
  { weight: 2, arbitrary: feast.map((value) => JSON.stringify(value)) },
  { weight: 6, arbitrary: payload.map((value) => JSON.stringify(value)) },
  { weight: 2, arbitrary: features.map((value) => JSON.stringify(value)) },
  { weight: 2, arbitrary: edited(payload.map((value) => JSON.stringify(value))) },
);
const headers = fc.record(
  {
    'content-type': fc.constantFrom(
      'application/json',
      'application/json',
      'application/json; charset=x',
      'text/plain',
      'x',
    ),
    accept: fc.constantFrom(
      '*/*',
      'application/json',
      'application/graphql-response+json',
      'text/event-stream',
      'x/y',
      ';;q=',
    ),
    'x-asof-deadline-ms': fc.constantFrom('60000', '1', 'x', '-1'),
    'content-encoding': fc.constantFrom('identity', 'gzip'),
  },
  { requiredKeys: ['content-type'] },
);
const path = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('/graphql', '/graphql', '/v1/features', '/get-online-features', '/push') },
  { weight: 1, arbitrary: fc.constantFrom('/uploads', '/datasets/x/y', '/metrics', '/healthz', '/', '/graphql/x') },
  {
    weight: 1,
    arbitrary: fc.string({ maxLength: 12 }).map((text) => `/graphql?query=${encodeURIComponent(text)}&variables={`),
  },
);
const http = fc.record({
  kind: fc.constant('http' as const),
  method: fc.constantFrom('POST', 'POST', 'POST', 'GET', 'PUT', 'DELETE', 'OPTIONS'),
  path,
  headers,
  body,
});

const http2Preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const requestText =
  'POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{"query":"{}';
const bytes = fc.record({
  kind: fc.constant('bytes' as const),
  bytes: fc.oneof(
    edited(fc.constantFrom(requestText, requestText.replace('Content-Length: 12', 'Transfer-Encoding: chunked'))).map(
      (text) => Buffer.from(text),
    ),
    fc.uint8Array({ maxLength: 200 }),
    fc.uint8Array({ maxLength: 200 }).map((rest) => Buffer.concat([Buffer.from(http2Preface), rest])),
  ),
});

const reads = [
  encoded(writeGetFeaturesRequest, {
    entityId: 'ATL',
    featureNames: ['origin_delays:landed_1h'],
    withEventTimes: true,
  }),
  encoded(writeBatchGetFeaturesRequest, {
    service: 'delay_model',
    keys: [{ values: new Map([['origin', { stringValue: 'ATL' }]]) }],
    request: [{ values: new Map([['distanceMiles', { listValue: { values: [{ intValue: 5 }] } }]]) }],
  }),
  encoded(writeGetOnlineFeaturesRequest, {
    features: { val: ['airport_facts:name'] },
    entities: new Map([['iata', { val: [{ stringVal: 'ATL' }, { int64Val: 5 }] }]]),
  }),
];
const paths = [featureStoreMethods, servingServiceMethods].flatMap((methods) =>
  Object.values(methods).map((method) => method.path),
);
const call = fc.record({
  kind: fc.constant('call' as const),
  path: fc.constantFrom(...paths, '/FeatureStore/Nothing'),
  message: fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    fc
      .tuple(fc.constantFrom(...reads), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), fc.boolean())
      .map(([good, changes, isCut]) => {
        const damaged = Buffer.from(good);
        for (const [at, byte] of changes) damaged[at % damaged.length] = byte;
        return isCut ? damaged.subarray(0, (changes[0]?.[0] ?? 0) % damaged.length) : damaged;
      }),
  ),
});

const message = fc.oneof(
  fc
    .record({ type: fc.constant('subscribe'), id: fc.constantFrom('1', '2', ''), payload })
    .map((value) => JSON.stringify(value)),
  fc
    .record({ type: fc.constantFrom('complete', 'ping', 'pong', 'next'), id: anything, payload: anything })
    .map((value) => JSON.stringify(value)),
  edited(fc.constant('{"type":"subscribe","id":"1","payload":{"query":"{ __typename }"}}')),
  fc.uint8Array({ maxLength: 50 }),
);
const messages = fc.record({
  kind: fc.constant('messages' as const),
  messages: fc.array(message, { minLength: 1, maxLength: 10 }),
});

const input: fc.Arbitrary<MalformedInput> = fc.oneof(
  { weight: 7, arbitrary: http },
  { weight: 1, arbitrary: bytes },
  { weight: 1, arbitrary: messages },
  { weight: 2, arbitrary: call },
);

export function malformedInputs(count: number, seed: number): readonly MalformedInput[] {
  return fc.sample(input, { numRuns: count, seed });
}

/** Each message is an input of its own. */
export function countOf(one: MalformedInput): number {
  return one.kind === 'messages' ? one.messages.length : 1;
}
