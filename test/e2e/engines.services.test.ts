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

const sliceRows = 20_000;
// So slow that both processes read at the first second of June, however long they take.
const slice = { FLIGHTS_SLICE: String(sliceRows), FLIGHTS_SPEED: '0.0001' };
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

  it('gives the same typed reads as on the embedded stores, for every airport, now and in the past', async () => {
    const landing = (flightId: number, origin: string, second: number) => ({
      ...{ flightId, origin, destination: 'ORD', delayMinutes: 7, distanceMiles: 606 },
      landedAt: `2001-05-31T23:59:${second}Z`,
    });
    const landed = [landing(9_000_001, 'ATL', 10), landing(9_000_002, 'ATL', 59), landing(9_000_003, 'ZZZ', 30)];
    const iata = [...(await readFlights(flightsFile, { every: 3_000_000 / sliceRows })).keys(), 'ZZZ', 'nowhere'];
    const delays = `${delayFields.join(' ')} meta { status eventTime version cells { name status } }`;
    const query = `query($iata: [String!]!) {
      airports(iata: $iata) {
        iata originDelays { ${delays} view { name owner } } airportFacts { name city state latitude longitude meta { status } }
        asOf(time: "2001-05-20T12:00:00Z") { originDelays { ${delays} } airportFacts { name meta { status } } }
      }
      routes(keys: [{origin: "ATL", destination: "ORD"}, {origin: "LAX", destination: "SFO"}]) { routeDelays { ${delays} } }
      featureVectors(service: "delay_model", keys: {origin: ["ATL", "LAX"], destination: ["ORD", "SFO"]}, request: {distanceMiles: 606}) {
        names values statuses eventTimes
      }
    }`;
    const answers = [];
    for (const process of [embedded, served]) {
      const before = await landedAtl(process);
      await process.query(
        'mutation($events: [JSON!]!) { push(input: {source: "landings", events: $events}) { accepted } }',
        { events: landed },
      );
      await waitFor(async () => ((await landedAtl(process)) === before + 2 ? true : undefined), 10_000);
      answers.push(await process.query<{ airports: object[] }>(query, { iata }));
    }
    const [fromEmbedded, fromServed] = answers;
    expect(fromServed!.airports).toHaveLength(iata.length);
    expect(fromServed).toEqual(fromEmbedded);
  });

  it('gives the same 10,000 reads of routes, of those that were flown and of others', async () => {
    const flights = await readFlights(flightsFile, { every: 3_000_000 / sliceRows });
    const airports = [...flights.keys()];
    const keys = [...flights].flatMap(([origin, ofOrigin]) =>
      [...new Set(ofOrigin.map(({ destination }) => destination))].map((destination) => ({ origin, destination })),
    );
    for (let index = 0; keys.length < 10_000; index++) {
      const [origin, destination] = [airports[index % airports.length]!, airports[(index * 7) % airports.length]!];
      keys.push({ origin, destination });
    }
    const query = `query($keys: [RouteKey!]!) {
      routes(keys: $keys) { origin destination routeDelays { ${delayFields.join(' ')} meta { status eventTime version } } }
    }`;
    const statuses = new Map<string, number>();
    for (let start = 0; start < keys.length; start += 500) {
      const [expected, found] = await Promise.all(
        [embedded, served].map((process) =>
          process.query<{ routes: { routeDelays: { meta: { status: string } } }[] }>(query, {
            keys: keys.slice(start, start + 500),
          }),
        ),
      );
      expect(found).toEqual(expected);
      for (const { routeDelays } of found!.routes) {
        statuses.set(routeDelays.meta.status, (statuses.get(routeDelays.meta.status) ?? 0) + 1);
      }
    }
    expect([...statuses.values()].reduce((sum, count) => sum + count, 0)).toBe(10_000);
    expect(Math.min(statuses.get('PRESENT') ?? 0, statuses.get('NOT_FOUND') ?? 0)).toBeGreaterThan(500);
  });

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

async function landedAtl(process: AsofProcess): Promise<number> {
  const { airport } = await process.query<{ airport: { originDelays: { landed7d: number } } }>(
    '{ airport(iata: "ATL") { originDelays { landed7d } } }',
  );
  return airport.originDelays.landed7d;
}
