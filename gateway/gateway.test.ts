import { parse, printSchema } from 'graphql';
import { afterEach, describe, expect, it } from 'vitest';
import { createSystemClock } from '../adapters/clock/system-clock.ts';
import { localPrincipal } from '../runtime/access/principal.ts';
import { fixedGraph, type GraphResult, type GraphResultStream, isStream } from '../runtime/graph.ts';
import { createGraphqlDoor } from '../runtime/graphql-door.ts';
import { startHttpHost } from '../runtime/http-host.ts';
import { createLogger } from '../runtime/logging.ts';
import { createMetrics } from '../runtime/metrics.ts';
import { createSchemaGraph } from '../runtime/schema-graph.ts';
import { sdlRoute } from '../runtime/sdl-route.ts';
import { createTinyWorld, registryAt, type TinyWorld } from '../test/gateway/tiny-subgraphs.ts';
import { createGateway, type Gateway } from './gateway.ts';
import { createRemoteSubgraph } from './remote-subgraph.ts';
import { type LocalSubgraph, localParts, type SubgraphPart } from './subgraph.ts';

const logger = createLogger({ name: 'test', level: 'silent' });
const systemClock = createSystemClock();
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** The same subgraphs behind the same gateway: in this process, or each behind an HTTP and WebSocket server. */
const roads = [
  { road: 'in process', partsOf: async ({ subgraphs }: TinyWorld) => localParts(subgraphs, registryAt(1)) },
  {
    road: 'over HTTP and WebSocket',
    partsOf: ({ subgraphs }: TinyWorld): Promise<readonly SubgraphPart[]> =>
      Promise.all(
        subgraphs.map(async ({ name, schemaFor }) => {
          const metrics = createMetrics();
          const { schema, typeDefs } = schemaFor(registryAt(1));
          const source = fixedGraph(createSchemaGraph({ schema }));
          const door = createGraphqlDoor({ source, metrics, logger, systemClock, defaultQuery: null });
          const host = await startHttpHost({
            ...door,
            routes: [...door.routes, sdlRoute(() => typeDefs)],
            host: '127.0.0.1',
            port: 0,
            authenticator: null,
            logger,
            systemClock,
          });
          closing.push(() => host.close(100));
          const remote = createRemoteSubgraph({ name, urls: [host.url], token: () => null }, createSystemClock());
          closing.push(() => remote.close());
          const sdl = await remote.readSdl(null, new AbortController().signal);
          expect(await remote.readSdl(sdl!.tag, new AbortController().signal)).toBeNull();
          return { name, url: host.url, typeDefs: sdl!.typeDefs, execute: remote.execute };
        }),
      ),
  },
];

async function started(partsOf: (world: TinyWorld) => Promise<readonly SubgraphPart[]>) {
  const world = createTinyWorld();
  const gateway = createGateway({ metrics: createMetrics(), logger });
  await gateway.update(await partsOf(world));
  const update = (revision: number) => gateway.update(localParts(world.subgraphs, registryAt(revision)));
  return { world, gateway, update };
}

function execute(gateway: Gateway, text: string, variables: Record<string, unknown> = {}) {
  const { signal } = new AbortController();
  const request = {
    document: parse(text),
    operationName: null,
    variables,
    requestId: 'r1',
    principal: localPrincipal,
    signal,
  };
  return gateway.current().execute(request);
}

async function query(gateway: Gateway, text: string, variables: Record<string, unknown> = {}): Promise<GraphResult> {
  const result = await execute(gateway, text, variables);
  if (isStream(result)) throw new Error('a stream');
  return JSON.parse(JSON.stringify(result));
}

async function subscribe(gateway: Gateway, text: string): Promise<GraphResultStream> {
  const result = await execute(gateway, text);
  if (!isStream(result)) throw new Error(JSON.stringify(result));
  return result;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

async function nextOf(stream: GraphResultStream): Promise<GraphResult> {
  const step = await stream.next();
  return JSON.parse(JSON.stringify(step.value ?? 'ended'));
}

describe.each(roads)('gateway over subgraphs $road', ({ partsOf }) => {
  it('joins fields of three subgraphs in one query with variables, aliases and fragments', async () => {
    const { gateway } = await started(partsOf);
    const text = `
      query Delays($codes: [String!]!, $time: DateTime!) {
        airports(iata: $codes) { ...facts now: delay asOf(time: $time) { time delay } }
      }
      fragment facts on Airport { iata view { __typename owner rows } }`;
    expect(await query(gateway, text, { codes: ['ATL', 'XXX', 'ORD'], time: '2001-06-01T02:00:00+02:00' })).toEqual({
      data: {
        airports: [
          {
            iata: 'ATL',
            now: 7,
            view: { __typename: 'FeatureView', owner: 'ops', rows: '9007199254740993' },
            asOf: { time: '2001-06-01T00:00:00.000Z', delay: 7 },
          },
          null,
          {
            iata: 'ORD',
            now: 12,
            view: { __typename: 'FeatureView', owner: 'ops', rows: '9007199254740993' },
            asOf: { time: '2001-06-01T00:00:00.000Z', delay: 12 },
          },
        ],
      },
    });
  });

  it('keeps integers beyond 2^53 exact, given as a literal or as a string variable', async () => {
    const { gateway } = await started(partsOf);
    expect(await query(gateway, 'mutation { add(by: 9007199254740993) }')).toEqual({
      data: { add: '9007199254740994' },
    });
    const text = 'mutation ($by: Int64!) { add(by: $by) }';
    expect(await query(gateway, text, { by: '-9223372036854775808' })).toEqual({
      data: { add: '-9223372036854775807' },
    });
    const refused = await query(gateway, text, { by: 2 ** 60 });
    expect(refused.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', expected: 'an integer of 64 bits' });
  });

  it('answers introspection, also mixed with data', async () => {
    const { gateway } = await started(partsOf);
    expect(await query(gateway, '{ __type(name: "Airport") { fields { name } } }')).toMatchObject({
      data: { __type: { fields: expect.arrayContaining([{ name: 'asOf' }, { name: 'delay' }]) } },
    });
    expect(await query(gateway, '{ __typename airport(iata: "ATL") { __typename delay } }')).toEqual({
      data: { __typename: 'Query', airport: { __typename: 'Airport', delay: 7 } },
    });
    expect(await query(gateway, '{ airport(iata: "ATL") { delay } __schema { queryType { name } } }')).toEqual({
      data: { airport: { delay: 7 }, __schema: { queryType: { name: 'Query' } } },
    });
    expect(printSchema(gateway.current().schema)).not.toMatch(/join__|_entities|_service|_Any/);
  });

  it('makes an object null whose entity another subgraph does not know, and nothing else', async () => {
    const { gateway } = await started(partsOf);
    expect(await query(gateway, '{ airport(iata: "ATL") { iata missing { owner } view { owner } } }')).toEqual({
      data: { airport: { iata: 'ATL', missing: null, view: { owner: 'ops' } } },
    });
  });

  it('takes null up to where the schema allows it', async () => {
    const { gateway } = await started(partsOf);
    const text = '{ airports(iata: ["ATL", "ORD"]) { iata promised { view { owner } } missing { owner } } }';
    expect(await query(gateway, text)).toEqual({
      data: {
        airports: [
          { iata: 'ATL', promised: { view: { owner: 'ops' } }, missing: null },
          { iata: 'ORD', promised: null, missing: null },
        ],
      },
    });
  });

  it('gives each fetch a cache of its own', async () => {
    const { gateway } = await started(partsOf);
    expect(await query(gateway, '{ reads }')).toEqual({ data: { reads: 1 } });
    expect(await query(gateway, '{ reads }')).toEqual({ data: { reads: 1 } });
  });

  it('reads every event of a subscription afresh, across subgraphs, and frees its source', async () => {
    const { world, gateway } = await started(partsOf);
    const stream = await subscribe(
      gateway,
      `subscription { airportChanged(iata: ["ATL"]) { iata delay view { owner } asOf(time: "2001-01-01T00:00:00Z") { delay } } }`,
    );
    await until(() => world.listening() === 1);
    const seen = [];
    for (const delay of [1, 2]) {
      world.delayOf.set('ATL', delay);
      world.publish('ATL');
      seen.push(await nextOf(stream));
    }
    const event = (delay: number) => ({
      data: { airportChanged: { iata: 'ATL', delay, view: { owner: 'ops' }, asOf: { delay } } },
    });
    expect(seen).toEqual([event(1), event(2)]);

    const parked = stream.next();
    await stream.return();
    expect(await parked).toEqual({ done: true, value: undefined });
    await until(() => world.listening() === 0);
  });

  it('an error of one event is not told again with the next', async () => {
    const { world, gateway } = await started(partsOf);
    const stream = await subscribe(gateway, 'subscription { airportChanged(iata: ["ATL"]) { delay } }');
    await until(() => world.listening() === 1);
    world.delayOf.set('ATL', -1);
    world.publish('ATL');
    const first = await nextOf(stream);
    expect(first).toMatchObject({ data: { airportChanged: { delay: null } }, errors: [{ message: 'no delay now' }] });
    world.delayOf.set('ATL', 3);
    world.publish('ATL');
    expect(await nextOf(stream)).toEqual({ data: { airportChanged: { delay: 3 } } });
    await stream.return();
  });
});

describe('gateway', () => {
  const inProcess = roads[0]!.partsOf;

  it('serves a new field after an update, while a live subscription goes on', async () => {
    const { world, gateway, update } = await started(inProcess);
    const stream = await subscribe(
      gateway,
      'subscription { airportChanged(iata: ["ATL"]) { delay revision view { owner } } }',
    );
    const graphs: unknown[] = [];
    gateway.onChange((graph) => graphs.push(graph));
    await update(2);
    expect(graphs).toEqual([gateway.current()]);
    expect(await query(gateway, '{ airport(iata: "ATL") { added revision } }')).toEqual({
      data: { airport: { added: 'new', revision: 2 } },
    });
    world.delayOf.set('ATL', 99);
    world.publish('ATL');
    expect(await nextOf(stream)).toEqual({
      data: { airportChanged: { delay: 99, revision: 1, view: { owner: 'ops' } } },
    });
    await stream.return();
    expect(world.listening()).toBe(0);
  });

  it('keeps schema and plans when the SDL is the same, and serves the new revision all the same', async () => {
    const { gateway, update } = await started(inProcess);
    await update(2);
    const { schema } = gateway.current();
    await update(3);
    expect(gateway.current().schema).toBe(schema);
    expect(await query(gateway, '{ airport(iata: "ATL") { revision } }')).toEqual({
      data: { airport: { revision: 3 } },
    });
  });

  it('carries out only the last of many updates at once', async () => {
    const { gateway, update } = await started(inProcess);
    let swaps = 0;
    gateway.onChange(() => swaps++);
    await Promise.all([2, 3, 4, 5].map((revision) => update(revision)));
    expect(swaps).toBe(1);
    expect(await query(gateway, '{ airport(iata: "ATL") { revision } }')).toEqual({
      data: { airport: { revision: 5 } },
    });
  });

  it('keeps serving the old graph when subgraphs do not compose', async () => {
    const world = createTinyWorld();
    const broken: LocalSubgraph = {
      name: 'broken',
      schemaFor: (registry) =>
        registry.revision > 1
          ? { ...world.subgraphs[0]!.schemaFor(registry), typeDefs: 'type Query { airport: Int }' }
          : { ...world.subgraphs[0]!.schemaFor(registry), typeDefs: 'type Query { more: Int }' },
    };
    const gateway = createGateway({ metrics: createMetrics(), logger });
    const update = (revision: number) => gateway.update(localParts([...world.subgraphs, broken], registryAt(revision)));
    await update(1);
    await expect(update(2)).rejects.toMatchObject({ code: 'BAD_DEFINITION' });
    expect(await query(gateway, '{ airport(iata: "ATL") { revision } }')).toEqual({
      data: { airport: { revision: 1 } },
    });
  });

  it('says NOT_READY before its first update', () => {
    const gateway = createGateway({ metrics: createMetrics(), logger });
    expect(() => gateway.current()).toThrow(expect.objectContaining({ code: 'NOT_READY' }));
  });

  it('says which subgraph does not answer', async () => {
    const remote = createRemoteSubgraph(
      { name: 'online', urls: ['http://127.0.0.1:1'], token: () => null },
      createSystemClock(),
    );
    await expect(remote.readSdl(null, new AbortController().signal)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining("the subgraph 'online' does not answer"),
    });
    await remote.close();
  });
});
