import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../adapters/clock/system-clock.ts';
import { fixedGraph } from '../../runtime/graph.ts';
import { createGraphqlDoor } from '../../runtime/graphql-door.ts';
import { type HttpHost, startHttpHost } from '../../runtime/http-host.ts';
import { createLogger } from '../../runtime/logging.ts';
import { createMetrics } from '../../runtime/metrics.ts';
import { createOnlineWorld, noon, type OnlineWorld } from '../../test/online/online-world.ts';
import { describeAirports, watchAirports } from './app.ts';
import { createFlightsClient, type FlightsClient } from './client.ts';
import * as features from './features.ts';

let world: OnlineWorld;
let host: HttpHost;
let client: FlightsClient;

const landing = (flightId: number) => ({
  flightId,
  landedAt: new Date(noon - 600_000).toISOString(),
  origin: 'ATL',
  destination: 'ORD',
  delayMinutes: 12,
  distanceMiles: 606,
});

beforeEach(async () => {
  world = await createOnlineWorld({ definitions: features });
  const logger = createLogger({ name: 'test', level: 'silent' });
  const systemClock = createSystemClock();
  const metrics = createMetrics({ defaultMetrics: false });
  const door = createGraphqlDoor({
    source: fixedGraph(world.graph),
    metrics,
    logger,
    systemClock,
    defaultQuery: null,
  });
  host = await startHttpHost({ host: '127.0.0.1', port: 0, ...door, authenticator: null, logger, systemClock });
  client = createFlightsClient(host.url);
  await world.apply('airports', [
    { iata: 'ATL', name: 'Hartsfield', city: 'Atlanta', state: 'GA', latitude: 33.6, longitude: -84.4 },
  ]);
  await world.apply('landings', [landing(1)]);
});

afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await host.close(0);
});

describe('the typed client', () => {
  it('queries', async () => {
    expect(await describeAirports(client, ['ATL', 'XXX'])).toEqual([
      'ATL (Hartsfield): 1 landed in the last hour, 12.0 min late on average [PRESENT]',
      'XXX (unknown airport): 0 landed in the last hour, no delay known [NOT_FOUND]',
    ]);
  });

  it('subscribes, and leaves nothing behind', async () => {
    const lines = watchAirports(client, ['ATL']);
    expect((await lines.next()).value).toMatch(/ATL: 1 landed, worst delay today 12 min/);
    await world.apply('landings', [landing(2)]);
    expect((await lines.next()).value).toMatch(/ATL: 2 landed/);
    await lines.return(undefined);
    await expect.poll(() => world.subgraph.watchedViews()).toBe(0);
    expect(world.listening()).toBe(0);
  });
});
