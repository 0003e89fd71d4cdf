import { parse } from 'graphql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../adapters/clock/manual-clock.ts';
import { createSystemClock } from '../adapters/clock/system-clock.ts';
import { localPrincipal } from '../runtime/access/principal.ts';
import { fixedGraph, type GraphResult, isStream } from '../runtime/graph.ts';
import { createGraphqlDoor } from '../runtime/graphql-door.ts';
import { createPublicErrors } from '../runtime/graphql-errors.ts';
import { type HttpHost, startHttpHost } from '../runtime/http-host.ts';
import { createLogger } from '../runtime/logging.ts';
import { createMetrics, type Metrics } from '../runtime/metrics.ts';
import { createSchemaGraph } from '../runtime/schema-graph.ts';
import { sdlRoute } from '../runtime/sdl-route.ts';
import { createTinyWorld, registryAt, type TinyWorld } from '../test/gateway/tiny-subgraphs.ts';
import { followSubgraphs, type SubgraphFollower } from './follow-subgraphs.ts';
import { createGateway, type Gateway } from './gateway.ts';
import { localParts } from './subgraph.ts';

type Name = 'registry' | 'online' | 'offline';
const names: readonly Name[] = ['registry', 'online', 'offline'];
const logger = createLogger({ name: 'test', level: 'silent' });

/** As the door shows them. */
const publicErrors = createPublicErrors(logger);

let world: TinyWorld;
let clock: ManualClock;
let metrics: Metrics;
let gateway: Gateway;
let follower: SubgraphFollower;
/** Where each subgraph is when it runs. */
let ports: Readonly<Record<Name, number>>;
const running = new Map<Name, HttpHost>();
/** Requests for `/sdl` by status, of each subgraph that ran. */
const looks = new Map<Name, number[]>();

beforeEach(async () => {
  world = createTinyWorld();
  clock = createManualClock({ at: Date.UTC(2026, 0, 1) });
  metrics = createMetrics();
  gateway = createGateway({ metrics, logger });
  looks.clear();
  const reserved = await Promise.all(names.map((name) => start(name, 1, 0)));
  ports = Object.fromEntries(names.map((name, i) => [name, reserved[i]!.port])) as Record<Name, number>;
  for (const name of names) await stop(name);
  follower = followSubgraphs({
    gateway,
    addresses: names.map((name) => ({ name, urls: [`http://127.0.0.1:${ports[name]}`], token: () => null })),
    firstNeeds: ['registry', 'online'],
    systemClock: clock,
    metrics,
    logger,
  });
});
afterEach(async () => {
  await follower[Symbol.asyncDispose]();
  for (const name of names) await stop(name);
});

/** A process of one subgraph, as it is at a revision of the registry. */
async function start(name: Name, revision = 1, port: number = ports[name]): Promise<HttpHost> {
  const { schema, typeDefs } = world.subgraphs.find((one) => one.name === name)!.schemaFor(registryAt(revision));
  const source = fixedGraph(createSchemaGraph({ schema }));
  const systemClock = createSystemClock();
  const door = createGraphqlDoor({ source, metrics: createMetrics(), logger, systemClock, defaultQuery: null });
  const sdl = sdlRoute(() => typeDefs);
  const host = await startHttpHost({
    ...door,
    routes: [
      ...door.routes,
      {
        ...sdl,
        async handle(request, response, url) {
          await sdl.handle(request, response, url);
          looks.set(name, [...(looks.get(name) ?? []), response.statusCode]);
        },
      },
    ],
    host: '127.0.0.1',
    port,
    authenticator: null,
    logger,
    systemClock,
  });
  running.set(name, host);
  return host;
}

async function stop(name: Name): Promise<void> {
  await running.get(name)?.close(0);
  running.delete(name);
}

/** Lets the follower look again, as often as it takes. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let round = 0; round < 2_000; round++) {
    if (await condition()) return;
    await clock.advance(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`not in 2,000 rounds; unready: ${follower.unready()}; notes: ${follower.notes()}`);
}

async function query(text: string): Promise<GraphResult> {
  const { signal } = new AbortController();
  const request = {
    document: parse(text),
    operationName: null,
    variables: {},
    requestId: 'r1',
    principal: localPrincipal,
    signal,
  };
  const result = await gateway.current().execute(request);
  if (isStream(result)) throw new Error('a stream');
  const { data = null, errors } = result;
  return JSON.parse(JSON.stringify({ data, ...(errors && { errors: errors.map(publicErrors) }) }));
}

async function fieldsOfAirport(): Promise<string[]> {
  const { data } = await query('{ __type(name: "Airport") { fields { name } } }');
  return (data!.__type as { fields: { name: string }[] }).fields.map(({ name }) => name);
}

/** The online subgraph in the gateway's own process, the others elsewhere. */
async function besideOwn() {
  await start('registry');
  await start('offline');
  const online = world.subgraphs.filter(({ name }) => name === 'online');
  const at = { revision: 1 };
  const mixed = followSubgraphs({
    gateway,
    addresses: (['registry', 'offline'] as const).map((name) => {
      return { name, urls: [`http://127.0.0.1:${ports[name]}`], token: () => null };
    }),
    local: () => localParts(online, registryAt(at.revision)),
    firstNeeds: ['registry', 'offline'],
    systemClock: clock,
    metrics,
    logger,
  });
  return { at, follower: mixed, [Symbol.asyncDispose]: () => mixed[Symbol.asyncDispose]() };
}

const isServed = () => follower.unready().length === 0;
const isWhole = () => isServed() && follower.notes().length === 0;
const whole = '{ airport(iata: "ATL") { delay view { owner } asOf(time: "2001-06-01T00:00:00Z") { delay } } }';
const answered = { data: { airport: { delay: 7, view: { owner: 'ops' }, asOf: { delay: 7 } } } };

async function away(): Promise<Record<string, number>> {
  const { text } = await metrics.expose();
  return Object.fromEntries(
    [...text.matchAll(/asof_subgraph_away\{subgraph="(\w+)"\} (\d)/g)].map(([, name, value]) => [name, Number(value)]),
  );
}

describe('a gateway over subgraphs of other processes', () => {
  const orders: Name[][] = [
    ['registry', 'online', 'offline'],
    ['offline', 'online', 'registry'],
    ['online', 'offline', 'registry'],
  ];
  it.each(orders)(
    'serves them whatever comes first: %s, %s, %s',
    async (...order) => {
      for (const name of order) {
        expect(() => (isServed() ? null : gateway.current())).toThrow(expect.objectContaining({ code: 'NOT_READY' }));
        await start(name);
        const hasAnswered = async () => (await away())[name] === 0;
        await until(hasAnswered);
        if (name !== order.at(-1)) expect(isWhole()).toBe(false);
      }
      await until(isWhole);
      expect(await query(whole)).toEqual(answered);
    },
    30_000,
  );

  it('serves them beside one of its own, and takes up what is new of both at once', async () => {
    await using mixed = await besideOwn();
    await mixed.follower.look();
    expect(mixed.follower.unready()).toEqual([]);
    expect(await query(whole)).toEqual(answered);
    const before = await fieldsOfAirport();
    for (const name of ['registry', 'offline'] as const) {
      await stop(name);
      await start(name, 2);
    }
    mixed.at.revision = 2;
    await mixed.follower.look();
    expect(await fieldsOfAirport()).not.toEqual(before);
  });

  it('serves without offline, and says so, and joins it when it comes', async () => {
    await start('registry');
    expect(follower.unready()).not.toEqual([]);
    await start('online');
    await until(isServed);
    expect(follower.notes()).toEqual([expect.stringMatching(/'offline' has not answered since .*not in the graph/)]);
    expect(await query('{ airport(iata: "ATL") { delay view { owner } } }')).toEqual({
      data: { airport: { delay: 7, view: { owner: 'ops' } } },
    });
    await start('offline');
    await until(isWhole);
    expect(await query(whole)).toEqual(answered);
  });

  it('leaves the fields of one that goes UNAVAILABLE, answers the others, and recovers without composing anew', async () => {
    for (const name of names) await start(name);
    await until(isWhole);
    const { schema } = gateway.current();
    for (const name of ['registry', 'offline'] as const) {
      await stop(name);
      await until(async () => (await away())[name] === 1);
      const { data, errors } = await query(whole);
      const expected = structuredClone(answered.data.airport) as Record<string, unknown>;
      expected[name === 'registry' ? 'view' : 'asOf'] = null;
      expect(data).toEqual({ airport: expected });
      expect(errors).toEqual([
        expect.objectContaining({ extensions: expect.objectContaining({ code: 'UNAVAILABLE' }) }),
      ]);
      expect(follower.notes()).toEqual([expect.stringContaining(`'${name}' has not answered since 2026`)]);
      await start(name);
      await until(isWhole);
      expect(await query(whole)).toEqual(answered);
    }
    expect(gateway.current().schema).toBe(schema);
  });

  it('fails at once when the one that begins the plan is away, and no request waits', async () => {
    for (const name of names) await start(name);
    await until(isWhole);
    await stop('online');
    for (const [text, data] of [
      [whole, { airport: null }],
      ['{ airport(iata: "ATL") { delay } pastReady }', { airport: null, pastReady: true }],
    ] as const) {
      const result = await query(text);
      expect(result.data).toEqual(data);
      expect(result.errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }]);
    }
  });

  it('takes up what a subgraph says after it changed, also by being another process', async () => {
    for (const name of names) await start(name);
    await until(isWhole);
    expect(await fieldsOfAirport()).not.toContain('added');
    await stop('online');
    await start('online', 2);
    await until(async () => (await fieldsOfAirport()).includes('added'));
    expect(await query('{ airport(iata: "ATL") { added revision view { owner } } }')).toEqual({
      data: { airport: { added: 'new', revision: 2, view: { owner: 'ops' } } },
    });
  });

  it('asks for what is the same without having it sent again', async () => {
    for (const name of names) await start(name);
    await until(isWhole);
    looks.clear();
    await until(() => names.every((name) => (looks.get(name)?.length ?? 0) > 3));
    expect(new Set([...looks.values()].flat())).toEqual(new Set([304]));
  });

  it('does not wait for one that takes the connection and says nothing', async () => {
    await start('registry');
    await start('online');
    const silent = await startHttpHost({
      host: '127.0.0.1',
      port: ports.offline,
      routes: [{ path: '/sdl', methods: ['GET'], handle: () => new Promise(() => {}) }],
      upgrades: [],
      authenticator: null,
      logger,
      systemClock: createSystemClock(),
    });
    running.set('offline', silent);
    await until(async () => isServed() && (await away()).offline === 1);
    expect(await query('{ airport(iata: "ATL") { delay } }')).toEqual({ data: { airport: { delay: 7 } } });
  });
});
