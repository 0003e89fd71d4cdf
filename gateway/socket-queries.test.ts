import { afterEach, expect, it } from 'vitest';
import { createSystemClock } from '../adapters/clock/system-clock.ts';
import { createGraphqlDoor } from '../runtime/graphql-door.ts';
import { type HttpHost, startHttpHost } from '../runtime/http-host.ts';
import { createLogger } from '../runtime/logging.ts';
import { createMetrics } from '../runtime/metrics.ts';
import { clientOf, collect, post } from '../test/gateway/tiny-process.ts';
import { createTinyWorld, registryAt } from '../test/gateway/tiny-subgraphs.ts';
import { createOnlineWorld, noon } from '../test/online/online-world.ts';
import { createGateway } from './gateway.ts';
import { localParts } from './subgraph.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(): Promise<{ host: HttpHost; reads: number[]; exposed: () => Promise<string> }> {
  const world = await createOnlineWorld();
  const landing = { flightId: 1, origin: 'ATL', destination: 'ORD', delayMinutes: 10, fare: '1.10' };
  await world.apply('landings', [{ ...landing, landedAt: new Date(noon - 60_000).toISOString() }]);
  const logger = createLogger({ name: 'test', level: 'silent' });
  const metrics = createMetrics();
  const systemClock = createSystemClock();
  const gateway = createGateway({ metrics, logger });
  const [catalog] = localParts(createTinyWorld().subgraphs, registryAt(1));
  await gateway.update([catalog!, ...localParts([world.subgraph], world.registry)]);
  const door = createGraphqlDoor({ source: gateway, metrics, logger, systemClock, defaultQuery: null });
  const { routes, upgrades } = door;
  const host = await startHttpHost({
    ...{ host: '127.0.0.1', port: 0, routes, upgrades, authenticator: null, logger, systemClock },
  });
  closing.push(async () => {
    await host.close(0);
    await door[Symbol.asyncDispose]();
  });
  return { host, reads: world.reads, exposed: async () => (await metrics.expose()).text };
}

const query = '{ airport(iata: "ATL") { iata originDelays { landed1h } } }';

it('queries in flight on a socket share reads, and say over the socket what they say over HTTP', async () => {
  const { host, reads, exposed } = await start();
  const client = clientOf(host);
  await collect(client, query);
  reads.splice(0);
  const answers = await Promise.all(Array.from({ length: 64 }, () => collect(client, query)));
  const { body } = await post(host, { query });
  for (const answer of answers) expect(answer).toEqual([body]);
  // One of HTTP; 64 that came in a few packets.
  expect(reads.length).toBeLessThan(20);
  expect(await exposed()).toContain('asof_graphql_operations_total{operation="query",transport="ws",outcome="ok"} 65');
});

it('what has no direct answer is executed as before', async () => {
  const { host } = await start();
  const client = clientOf(host);
  const [first] = await collect(client, '{ airport(iata: "ATL") { originDelays { meta { status } } } }');
  expect(first).toEqual({ data: { airport: { originDelays: { meta: { status: 'PRESENT' } } } } });
  await expect(collect(client, '{ nowhere }')).rejects.toMatchObject([
    { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
  ]);
});
