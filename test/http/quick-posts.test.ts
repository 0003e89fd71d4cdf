import { once } from 'node:events';
import { connect, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../adapters/clock/system-clock.ts';
import { createTokenAuthenticator } from '../../runtime/access/authenticator.ts';
import { digestOf } from '../../runtime/access/token-file.ts';
import { fixedGraph } from '../../runtime/graph.ts';
import { createGraphqlDoor } from '../../runtime/graphql-door.ts';
import { type HttpHost, type HttpHostOptions, startHttpHost } from '../../runtime/http-host.ts';
import { createLogger } from '../../runtime/logging.ts';
import { createMetrics } from '../../runtime/metrics.ts';
import { createOnlineWorld, noon, type OnlineWorld } from '../online/online-world.ts';
import { exchange, type RawAnswer } from './raw-exchange.ts';

let world: OnlineWorld;
let host: HttpHost;
const closing: HttpHost[] = [];

async function listen(options: Partial<HttpHostOptions> = {}, requestsAtOnce = 100): Promise<HttpHost> {
  const logger = createLogger({ name: 'test', level: 'silent' });
  const systemClock = createSystemClock();
  const metrics = createMetrics();
  const source = fixedGraph(world.graph);
  const limits = { requestsAtOnce };
  const { routes, upgrades } = createGraphqlDoor({ source, metrics, logger, systemClock, limits, defaultQuery: null });
  const base = { host: '127.0.0.1', port: 0, authenticator: null, routes, upgrades, logger, systemClock };
  const started = await startHttpHost({ ...base, ...options });
  closing.push(started);
  return started;
}

beforeEach(async () => {
  world = await createOnlineWorld();
  const landedAt = new Date(noon - 60_000).toISOString();
  await world.apply('landings', [
    { flightId: 1, landedAt, origin: 'ATL', destination: 'ORD', delayMinutes: 20, fare: '1' },
  ]);
  await world.clock.advance(1_000);
  host = await listen();
});
afterEach(async () => {
  for (const one of closing.splice(0)) await one.close(0);
});

const query = 'query ($iata: [String!]!) { airports(iata: $iata) { iata originDelays { landed1h meta { status } } } }';
const asked = { query, variables: { iata: ['ATL', 'é', '"'] } };

type Headers = Readonly<Record<string, string>>;

/** A request as a pool of connections sends it. */
function request(body: unknown, headers: Headers = {}): Buffer {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const all = {
    host: `127.0.0.1:${host.port}`,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(text)),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST /graphql HTTP/1.1\r\n${lines.join('')}\r\n${text}`);
}

/** A header that is not known has Node read the request. */
const wholeWay = { 'x-any': 'thing' };

/** The short way gives the length after all that the route says. */
function isQuick({ headers }: RawAnswer): boolean {
  const length = headers.findIndex((line) => line.startsWith('content-length'));
  return length >= 0 && /^connection/i.test(headers[length + 1] ?? '');
}

function inAnyOrder({ headers, ...answer }: RawAnswer) {
  return { ...answer, headers: [...headers].sort() };
}

async function one(pieces: readonly (string | Buffer)[], at = host): Promise<RawAnswer> {
  return (await exchange(at.port, pieces)).answers[0]!;
}

describe('a plain POST', () => {
  it.each<{ what: string; body: unknown; headers?: Headers; quick: boolean }>([
    { what: 'a query', body: asked, quick: true },
    {
      what: 'a name of an operation',
      body: { ...asked, query: query.replace('query', 'query A'), operationName: 'A' },
      quick: true,
    },
    { what: 'another media type', body: asked, headers: { accept: 'application/graphql-response+json' }, quick: true },
    {
      what: 'an error in a field',
      body: { query: '{ airport(iata: "ATL") { originDelays(version: 9) { landed1h } } }' },
      quick: false,
    },
    { what: 'for whom a gateway asks', body: asked, headers: { 'asof-principal': 'reader ann' }, quick: true },
    { what: 'keep-alive', body: asked, headers: { connection: 'keep-alive', 'user-agent': 'a b/1 (c)' }, quick: true },
    {
      what: 'as fetch of Node asks',
      body: asked,
      headers: {
        connection: 'keep-alive',
        accept: '*/*',
        'accept-language': '*',
        'sec-fetch-mode': 'cors',
        'user-agent': 'node',
        'accept-encoding': 'gzip, deflate',
      },
      quick: true,
    },
    { what: 'a deadline', body: asked, headers: { 'x-asof-deadline-ms': '5000' }, quick: false },
    { what: 'a cookie', body: asked, headers: { cookie: 'a=b' }, quick: false },
    { what: 'a charset', body: asked, headers: { 'content-type': 'application/json; charset=utf-8' }, quick: true },
    { what: 'variables that are refused', body: { ...asked, variables: { iata: [1] } }, quick: false },
    { what: 'introspection', body: { query: '{ __schema { queryType { name } } }' }, quick: false },
    { what: 'a document that is not valid', body: { query: '{ nothing }' }, quick: false },
    { what: 'a subscription', body: { query: 'subscription { featureUpdates { cursor } }' }, quick: false },
    { what: 'no JSON', body: '{"query": ', quick: false },
    { what: 'a list', body: [asked], quick: false },
    { what: 'extensions', body: { ...asked, extensions: {} }, quick: false },
    { what: 'a body that is no JSON', body: 'query', headers: { 'content-type': 'text/plain' }, quick: false },
    { what: 'an encoding', body: asked, headers: { 'content-encoding': 'gzip' }, quick: false },
    { what: 'a page of elsewhere', body: asked, headers: { host: 'evil.example' }, quick: false },
    { what: 'a close', body: asked, headers: { connection: 'close' }, quick: false },
    {
      what: 'a stream of events',
      body: { query: '{ airport(iata: "ATL") { iata } }' },
      headers: { accept: 'text/event-stream' },
      quick: false,
    },
  ])('is answered as Node would: $what', async ({ body, headers = {}, quick }) => {
    const answer = await one([request(body, headers)]);
    const whole = await one([request(body, { ...headers, ...wholeWay })]);
    expect(isQuick(answer)).toBe(quick);
    expect(isQuick(whole)).toBe(false);
    expect(inAnyOrder(answer)).toEqual(inAnyOrder(whole));
  });

  it('is the same in two pieces, wherever it is cut, and byte for byte', async () => {
    const bytes = request(asked);
    const whole = inAnyOrder(await one([bytes]));
    const cuts = Array.from({ length: bytes.length - 1 }, (_, index) => index + 1);
    const answers = await Promise.all(cuts.map((cut) => one([bytes.subarray(0, cut), bytes.subarray(cut)])));
    expect(answers.filter((answer) => JSON.stringify(inAnyOrder(answer)) !== JSON.stringify(whole))).toEqual([]);
    expect(answers.filter(isQuick).length).toBeGreaterThan(0);
    const single = [...bytes].map((byte) => Buffer.of(byte));
    expect(inAnyOrder(await one(single))).toEqual(whole);
  });

  it('is answered in its turn when several are sent at once, also before one that Node has to read', async () => {
    const landings = (iata: string, headers: Headers = {}) =>
      request({ ...asked, variables: { iata: [iata] } }, headers);
    const sent = [landings('A'), landings('B'), landings('C', wholeWay), landings('D'), landings('E')];
    const expected = ['A', 'B', 'C', 'D', 'E'];
    for (const pieces of [
      [Buffer.concat(sent)],
      sent,
      [Buffer.concat(sent.slice(0, 2)), Buffer.concat(sent.slice(2))],
    ]) {
      const { answers } = await exchange(host.port, pieces, sent.length);
      expect(answers.map(({ body }) => JSON.parse(body).data.airports[0].iata)).toEqual(expected);
      expect(answers.map(isQuick)).toEqual([true, true, false, false, false]);
    }
  });

  it('is answered when its client has ended its side, and the connection ends', async () => {
    const socket = new Socket({ allowHalfOpen: true });
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    const ended = new Promise((resolve) => socket.once('end', resolve));
    socket.connect(host.port, '127.0.0.1', () => socket.end(request(asked)));
    await ended;
    expect(Buffer.concat(chunks).toString()).toContain('"landed1h":1');
    socket.destroy();
  });
});

describe('what could be read in two ways', () => {
  const head = (lines: readonly string[]) =>
    `POST /graphql HTTP/1.1\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;
  const body = JSON.stringify(asked);
  const length = `content-length: ${Buffer.byteLength(body)}`;
  const type = 'content-type: application/json';

  it.each([
    ['two lengths', [type, length, length]],
    ['two lengths that differ', [type, length, 'content-length: 5']],
    ['a length and chunks', [type, length, 'transfer-encoding: chunked']],
    ['a length with a sign', [type, 'content-length: +5']],
    ['a length in another base', [type, 'content-length: 0x5']],
    ['no length', [type]],
    ['a length of zero', [type, 'content-length: 0']],
    ['a space before the colon', [type, length.replace(':', ' :')]],
    ['a folded line', [type, `${length}\r\n more`]],
    ['a line feed alone', [type, `${length}\nx-a: b`]],
    ['a zero byte', [type, length, 'user-agent: a\0b']],
    ['a byte beyond ASCII', [type, length, 'user-agent: \u00e9']],
    ['two hosts', [type, length, 'host: localhost']],
    ['an upgrade', [type, length, 'connection: upgrade', 'upgrade: websocket']],
    ['an expectation', [type, length, 'expect: 100-continue']],
  ])('is left to Node: %s', async (_what, lines) => {
    const own = `host: 127.0.0.1:${host.port}`;
    const [bytes, whole] = [[], ['x-any: thing']].map((more) =>
      Buffer.concat([Buffer.from(head([own, ...lines, ...more]), 'latin1'), Buffer.from(body)]),
    );
    const first = await exchange(host.port, [bytes!]);
    const second = await exchange(host.port, [whole!]);
    expect(first.answers.some(isQuick)).toBe(false);
    expect(first.answers.slice(0, 1).map(inAnyOrder)).toEqual(second.answers.slice(0, 1).map(inAnyOrder));
  });
});

describe('the host of plain POSTs', () => {
  it('lets nobody in without a token', async () => {
    const clients = [{ name: 'ann', role: 'reader' as const, digest: digestOf('right') }];
    const guarded = await listen({ authenticator: createTokenAuthenticator({ clients }) });
    const ask = (headers: Headers) => one([request(asked, headers)], guarded);
    const answers = [
      await ask({}),
      await ask({ authorization: 'Bearer wrong' }),
      await ask({ authorization: 'Bearer right' }),
    ];
    expect(answers.map((answer) => [answer.status, isQuick(answer)])).toEqual([
      [401, false],
      [401, false],
      [200, true],
    ]);
  });

  it('refuses as many as it would otherwise, and keeps the connection', async () => {
    const full = await listen({}, 0);
    const { answers } = await exchange(full.port, [request(asked), request(asked)], 2);
    expect(answers.map(isQuick)).toEqual([true, true]);
    expect(inAnyOrder(answers[0]!)).toEqual(inAnyOrder(await one([request(asked, wholeWay)], full)));
    expect(answers[0]).toMatchObject({ status: 503, headers: expect.arrayContaining(['retry-after: 1']) });
  });

  it('asks clients to connect anew when it drains, and ends connections that wait for nothing when it closes', async () => {
    const other = await listen();
    const idle = connect(other.port, '127.0.0.1');
    const closed = once(idle, 'close');
    idle.write(request(asked));
    expect(String(await once(idle, 'data'))).toContain('Connection: keep-alive');
    other.drain();
    expect((await one([request(asked)], other)).headers).toContain('connection: close');
    await other.close(1_000);
    await closed;
  });
});
