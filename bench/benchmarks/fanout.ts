import { setTimeout as delay } from 'node:timers/promises';
import type { Benchmark, Case, Measured } from '../harness/benchmark.ts';
import { median } from '../harness/measure.ts';
import { startRedis } from '../harness/redis.ts';
import { startServer } from '../harness/server.ts';
import type { FanoutLoadRequest } from '../programs/fanout-load.ts';
import type { ServeGraphRequest } from '../programs/serve-graph.ts';

const subscribers = 1_000;
const features = 5;
const customer = 7;
const everyMillis = 200;
const limitMillis = 50;

/** As many on each as one may have, and one on each. */
const shapes = [
  { sockets: 10, name: '100 a socket' },
  { sockets: 1_000, name: 'a socket each' },
];

/** An update of what many subscribe to, alike or each in its own way. */
export const fanout: Benchmark = {
  name: 'fanout',
  shape: `one update of an entity to ${subscribers} identical and to ${subscribers} different subscriptions of it, typed GraphQL through the gateway from Redis`,
  async run({ isQuick, runs }) {
    await using redis = await startRedis();
    if (redis === null) throw new Error('redis-server is not installed');
    const seconds = isQuick ? 3 : 15;
    const cases: Case[] = [];
    for (const { sockets, name } of shapes) {
      const [identicalRuns, differentRuns]: [Measured[], Measured[]] = [[], []];
      for (let round = 0; round < runs; round++) {
        identicalRuns.push(await told(redis.port, { sockets, areAlike: true }, seconds));
        differentRuns.push(await told(redis.port, { sockets, areAlike: false }, seconds));
      }
      const [identical, different] = [median(identicalRuns), median(differentRuns)];
      const late = (ours: Measured): Omit<Case, 'name'> => ({
        runs,
        ours,
        baseline: { seconds: limitMillis / 1_000 },
        meaning: `the 99th percentile, from the update to the subscriber, that of the median run, / ${limitMillis} ms`,
        ratio: Number(ours.p99Millis) / limitMillis,
        target: { atMost: 1 },
      });
      cases.push(
        { name: `identical, ${name}`, ...late(identical) },
        { name: `different, ${name}`, ...late(different) },
        {
          name: `CPU of a delivery, ${name}`,
          runs,
          ours: identical,
          baseline: different,
          meaning: 'CPU time of an identical delivery / of a different one',
          ratio: Number(identical.cpuMicrosPerDelivery) / Number(different.cpuMicrosPerDelivery),
          // Where each has a socket, most of both is the system call that sends it.
          target: sockets === subscribers ? null : { atMost: 0.2 },
        },
      );
    }
    return cases;
  },
};

export async function told(
  redisPort: number,
  alike: Pick<FanoutLoadRequest, 'sockets' | 'areAlike'>,
  seconds: number,
  nodeOptions: readonly string[] = [],
): Promise<Measured> {
  const request: ServeGraphRequest = {
    role: 'all',
    redisPort,
    features,
    documents: [],
    announced: { customer, everyMillis },
  };
  const server = await startServer('programs/serve-graph', request, nodeOptions);
  const url = `ws://127.0.0.1:${server.port}/graphql`;
  // It says that it is started when all have heard of an update.
  const load = await startServer('programs/fanout-load', { url, subscribers, customer, features, ...alike });
  // The first updates warm up.
  await delay(everyMillis * 20);
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
