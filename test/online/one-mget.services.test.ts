import { parse } from 'graphql';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSystemClock } from '../../adapters/clock/system-clock.ts';
import { openRedisOnlineStore } from '../../adapters/redis/open.ts';
import type { OnlineStore } from '../../core/ports/online-store.ts';
import { createGateway, type Gateway } from '../../gateway/gateway.ts';
import { localParts } from '../../gateway/subgraph.ts';
import { localPrincipal } from '../../runtime/access/principal.ts';
import { type Graph, isStream } from '../../runtime/graph.ts';
import { createLogger } from '../../runtime/logging.ts';
import { createMetrics } from '../../runtime/metrics.ts';
import { describeWithService } from '../services/find-program.ts';
import { type RedisServer, redis, startRedis } from '../services/redis.ts';
import { createOnlineWorld, type OnlineWorld } from './online-world.ts';

describeWithService('a request over a real Redis', redis, () => {
  let server: RedisServer;
  let admin: Redis;
  let store: OnlineStore;
  let world: OnlineWorld;
  let gateway: Gateway;

  beforeAll(async () => {
    server = await startRedis();
    admin = new Redis(server.url);
    store = await openRedisOnlineStore({ url: server.url, clock: createSystemClock() });
    world = await createOnlineWorld({ store });
    const logger = createLogger({ name: 'test', level: 'silent' });
    gateway = createGateway({ metrics: createMetrics(), logger });
    await gateway.update(localParts([world.subgraph], world.registry));
    const landing = (flightId: number, origin: string, destination: string) => {
      return { flightId, landedAt: '2001-06-01T11:59:00Z', origin, destination, delayMinutes: 20, fare: '9.50' };
    };
    await world.apply('landings', [landing(1, 'ATL', 'ORD'), landing(2, 'ATL', 'BOS'), landing(3, 'ORD', 'ATL')]);
    await world.apply('facts', [{ iata: 'ATL', name: 'Hartsfield', validFrom: '2001-05-20' }]);
    await world.clock.advance(2_000);
  });
  afterAll(async () => {
    await store[Symbol.asyncDispose]();
    await admin.quit();
    await server[Symbol.asyncDispose]();
  });

  /** The answer, and the commands by name that Redis ran for it. */
  async function counted(graph: Graph, text: string, variables: Record<string, unknown> = {}) {
    await admin.config('RESETSTAT');
    const { signal } = new AbortController();
    const request = {
      document: parse(text),
      operationName: null,
      variables,
      requestId: 'test',
      principal: localPrincipal,
      signal,
    };
    const answer = await graph.execute(request);
    if (isStream(answer)) throw new Error('a query gave a stream');
    expect(answer.errors).toBeUndefined();
    const stats = await admin.info('commandstats');
    const counts = [...stats.matchAll(/cmdstat_([\w|]+):calls=(\d+)/g)].map(([, name, calls]) => [name, Number(calls)]);
    const { 'config|resetstat': _, info: __, ...commands } = Object.fromEntries(counts);
    return { data: JSON.parse(JSON.stringify(answer.data)), commands };
  }

  it('for entities of two kinds and five views is one MGET', async () => {
    const { data, commands } = await counted(
      gateway.current(),
      `{
        airports(iata: ["ATL", "ORD", "XXX"]) {
          iata
          originDelays { landed1h fares24h meta { status readAt } }
          airportFacts { name meta { status } }
          haul(distanceMiles: 2000) { isLong longAndLate }
        }
        routes(keys: [{origin: "ATL", destination: "ORD"}, {origin: "ORD", destination: "ATL"}]) {
          routeDelays { landed1h }
        }
        network { landed1m }
        again: airport(iata: "ATL") { originDelays { worstDelay24h view { name } } }
      }`,
    );
    expect(commands).toEqual({ mget: 1 });
    expect(data.airports).toMatchObject([
      { iata: 'ATL', originDelays: { landed1h: 2, fares24h: '19.00' }, airportFacts: { name: 'Hartsfield' } },
      { iata: 'ORD', originDelays: { landed1h: 1, fares24h: '9.50' }, airportFacts: { meta: { status: 'NOT_FOUND' } } },
      { iata: 'XXX', originDelays: { landed1h: 0, meta: { status: 'NOT_FOUND' } } },
    ]);
    expect(data.routes).toEqual([{ routeDelays: { landed1h: 1 } }, { routeDelays: { landed1h: 1 } }]);
    expect(data.again.originDelays).toEqual({ worstDelay24h: 20, view: { name: 'origin_delays' } });
  });

  it('for a service’s vectors of 200 keys is one MGET', async () => {
    const origin = Array.from({ length: 200 }, (_, index) => (index === 0 ? 'ATL' : `A${index}`));
    const { data, commands } = await counted(
      gateway.current(),
      `query($keys: JSON!) {
        featureVectors(service: "delay_model", keys: $keys, request: {distanceMiles: 10}) { rows names values }
      }`,
      { keys: { origin, destination: origin.map(() => 'ORD') } },
    );
    expect(commands).toEqual({ mget: 1 });
    expect(data.featureVectors).toMatchObject({ rows: 200 });
    expect(data.featureVectors.values[0].slice(0, 2)).toEqual([2, 0]);
  });

  it('for entities that another subgraph refers to is one MGET', async () => {
    const { data, commands } = await counted(
      world.graph,
      `query($representations: [_Any!]!) {
        _entities(representations: $representations) {
          ... on Airport { iata originDelays { landed1h } airportFacts { name } }
          ... on Route { routeDelays { landed1h } }
        }
      }`,
      {
        representations: [
          { __typename: 'Airport', iata: 'ORD' },
          { __typename: 'Airport', iata: 'ATL' },
          { __typename: 'Route', origin: 'ATL', destination: 'BOS' },
        ],
      },
    );
    expect(commands).toEqual({ mget: 1 });
    expect(data._entities).toEqual([
      { iata: 'ORD', originDelays: { landed1h: 1 }, airportFacts: { name: null } },
      { iata: 'ATL', originDelays: { landed1h: 2 }, airportFacts: { name: 'Hartsfield' } },
      { routeDelays: { landed1h: 1 } },
    ]);
  });
});
