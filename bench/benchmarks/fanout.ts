import { setTimeout as delay } from 'node:timers/promises';
import type { Benchmark, Measured } from '../harness/benchmark.ts';
import { median } from '../harness/measure.ts';
import { startRedis } from '../harness/redis.ts';
import { startServer } from '../harness/server.ts';
import type { FanoutLoadRequest } from '../programs/fanout-load.ts';
import type { ServeGraphRequest } from '../programs/serve-graph.ts';

const subscribers = 1_000;
const features = 5;
const customer = 7;
const everyMillis = 500;
const limitMillis = 50;

/** An update of what many subscribe to, alike or each in its own way. */
export const fanout: Benchmark = {
  name: 'fanout',
  shape: `one update of an entity to ${subscribers} identical and to ${subscribers} different subscriptions of it, a WebSocket each, typed GraphQL through the gateway from Redis`,
  async run({ isQuick, runs }) {
    await using redis = await startRedis();
    if (redis === null) throw new Error('redis-server is not installed');
    const seconds = isQuick ? 5 : 15;
    const sides: Record<'identical' | 'different', Measured[]> = { identical: [], different: [] };
    for (let round = 0; round < runs; round++) {
      sides.identical.push(await told(redis.port, true, seconds));
      sides.different.push(await told(redis.port, false, seconds));
    }
    const [identical, different] = [median(sides.identical), median(sides.different)];
    const late = (side: Measured) => ({
      runs,
      ours: side,
      baseline: { seconds: limitMillis / 1_000 },
      meaning: `the 99th percentile, from the update to the subscriber, that of the median run, / ${limitMillis} ms`,
      ratio: Number(side.p99Millis) / limitMillis,
      target: { atMost: 1 },
    });
    return [
      { name: 'identical', ...late(identical) },
      { name: 'different', ...late(different) },
      {
        name: 'CPU of a delivery',
        runs,
        ours: identical,
        baseline: different,
        meaning: 'CPU time of an identical delivery / of a different one',
        ratio: Number(identical.cpuMicrosPerDelivery) / Number(different.cpuMicrosPerDelivery),
        target: { atMost: 0.2 },
      },
    ];
  },
};

async function told(redisPort: number, areAlike: boolean, seconds: number): Promise<Measured> {
  const request: ServeGraphRequest = {
    role: 'all',
    redisPort,
    features,
    documents: [],
    announced: { customer, everyMillis },
  };
  const server = await startServer('programs/serve-graph', request);
  const url = `ws://127.0.0.1:${server.port}/graphql`;
  // It is started when all have heard of an update.
  const asked: FanoutLoadRequest = { url, subscribers, customer, features, areAlike };
  const load = await startServer('programs/fanout-load', asked);
  // The first updates warm up.
  await delay(everyMillis * 6);
  load.measure();
  server.measure();
  await delay(seconds * 1_000);
  const [figures, { cpuSeconds, peakRssBytes }] = await Promise.all([load.stop(), server.stop()]);
  return {
    ...figures,
    seconds: figures.p99Millis! / 1_000,
    cpuSeconds: cpuSeconds!,
    cpuMicrosPerDelivery: (cpuSeconds! * 1e6) / figures.deliveries!,
    peakRssBytes: peakRssBytes!,
  };
}
