import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Cluster, Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSystemClock } from '../../adapters/clock/system-clock.ts';
import { openKafkaEventLog } from '../../adapters/kafka/event-log.ts';
import { readFlights } from '../oracle/flights-check.ts';
import { describeWithService } from '../services/find-program.ts';
import { kafka, startKafka } from '../services/kafka.ts';
import { postgres, startPostgres } from '../services/postgres.ts';
import { redis, startRedis } from '../services/redis.ts';
import { redisCluster, startRedisCluster } from '../services/redis-cluster.ts';
import { type AsofProcess, startFlights, waitFor } from './asof-process.ts';
import { delayFields, flightsFile } from './flight-values.ts';
import { compareRoutes, compareTypedReads, landedAtl, slice, sliceRows } from './same-reads.ts';

const servers = [postgres, redis, kafka];
const program = servers.some((server) => server.program === null) ? null : redis.program;
const install = servers.map((server) => server.install).join('; ');

/** Servers, and the variables that name them to a process. */
interface Engines extends AsyncDisposable {
  readonly variables: Readonly<Record<string, string>>;
}

/** The example on the embedded stores, and beside it on the engines. */
function flightsOn<E extends Engines>(start: () => Promise<E>) {
  let folder: string;
  let engines: E;
  let embedded: AsofProcess;
  let served: AsofProcess;

  const serve = () => startFlights(join(folder, 'served'), { ...slice, ...engines.variables });
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'asof-engines-'));
    engines = await start();
    embedded = await startFlights(join(folder, 'embedded'), slice);
    served = await serve();
    await Promise.all([embedded.ready(60_000), served.ready(60_000)]);
    // Three servers and two processes start here, beside those of other tests.
  }, 240_000);
  afterAll(async () => {
    await Promise.all([embedded?.stop('SIGKILL'), served?.stop('SIGKILL')]);
    await engines?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it('gives the same typed reads as on the embedded stores, for every airport, now and in the past', () =>
    compareTypedReads(embedded, served));

  it('gives the same 10,000 reads of routes, of those that were flown and of others', () =>
    compareRoutes(embedded, served));

  it('starts again with what the engines hold, without filling anything anew', async () => {
    await served.stop('SIGINT');
    served = await serve();
    await served.ready(60_000);
    expect(served.output()).not.toContain('succeeded:');
    expect(await landedAtl(served)).toBe(await landedAtl(embedded));
  });

  return { engines: () => engines, embedded: () => embedded, served: () => served };
}

describeWithService('the flights example on PostgreSQL, Redis and Kafka', { program, install }, () => {
  const { engines } = flightsOn(async () => {
    const [database, values, events] = await Promise.all([startPostgres(), startRedis(), startKafka()]);
    return {
      values,
      events,
      variables: {
        DATABASE_URL: database.database('asof'),
        REDIS_URL: values.url,
        KAFKA_BROKERS: events.brokers,
      },
      [Symbol.asyncDispose]: async () => {
        await Promise.all([database, values, events].map((server) => server[Symbol.asyncDispose]()));
      },
    };
  });

  it('keeps its values in Redis and its events in Kafka', async () => {
    const { values, events } = engines();
    const client = new Redis(values.url);
    expect(await client.dbsize()).toBeGreaterThan(1_000);
    await client.quit();
    await using log = await openKafkaEventLog({ brokers: [events.brokers], systemClock: createSystemClock() });
    const ends = await log.endOffsets('landings');
    expect([...ends.values()].reduce((sum, end) => sum + end, 0)).toBeGreaterThanOrEqual(3);
  });
});

describeWithService('the flights example on a Redis Cluster', redisCluster, () => {
  const { engines, embedded, served } = flightsOn(async () => {
    const cluster = await startRedisCluster();
    return { ...cluster, variables: { REDIS_URL: cluster.url } };
  });

  it('keeps a share of its values on each master', async () => {
    const { nodes } = engines();
    const client = new Cluster(nodes.map(({ port }) => ({ host: '127.0.0.1', port })));
    await client.ping();
    for (const node of client.nodes('master')) expect(await node.dbsize()).toBeGreaterThan(300);
    client.disconnect();
  });

  it('fills again what one master lost, and has the same values', async () => {
    const { nodes } = engines();
    const client = new Cluster(nodes.map(({ port }) => ({ host: '127.0.0.1', port })));
    await client.ping();
    const iata = [...(await readFlights(flightsFile, { every: 3_000_000 / sliceRows })).keys()];
    const query = `query($iata: [String!]!) { airports(iata: $iata) { originDelays { ${delayFields.join(' ')} meta { status } } } }`;
    const read = (process: AsofProcess) => process.query<{ airports: object[] }>(query, { iata });
    await client.nodes('master')[0]!.flushall();
    client.disconnect();
    const torn = JSON.stringify(await read(served()));
    expect(torn).toContain('NOT_READY');
    expect(torn).toContain('PRESENT');
    const whole = await read(embedded());
    await waitFor(async () => (isDeepStrictEqual(await read(served()), whole) ? true : undefined), 30_000);
  });
});
