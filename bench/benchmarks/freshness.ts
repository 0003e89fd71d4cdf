import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Benchmark, Case, Measured } from '../harness/benchmark.ts';
import { alternate } from '../harness/measure.ts';
import { runProgram } from '../harness/program.ts';
import { type StreamServers, startStreamServers } from '../harness/streams.ts';
import type { FreshnessRequest } from '../programs/freshness.ts';
import type { IngestRequest } from '../programs/ingest.ts';
import type { ProduceRequest } from '../programs/produce.ts';
import type { ProduceSteadilyRequest } from '../programs/produce-steadily.ts';
import type { StreamTopic } from '../stream-definitions.ts';

const partitions = 4;
const limitMillis = 250;

/** Until the first event is due, all have joined; then the first seconds warm up: broker and ingest are as young as the run. */
const joinMillis = 6_000;
const warmUpMillis = 4_000;

export const freshness: Benchmark = {
  name: 'freshness',
  shape:
    'event due at the producer → read by a subscriber that was told of it, at half of the rate that ingest can keep',
  async run({ isQuick, folder, runs }) {
    const cases: Case[] = [];
    for (const topic of ['profiles', 'payments'] as const) {
      const target = join(folder, `freshness-${topic}`);
      const most = isQuick ? 40_000 : 200_000;
      const perSecond = Math.floor((await onServers((servers) => greatestRate(servers, topic, target, most))) / 2);
      const seconds = warmUpMillis / 1_000 + (isQuick ? 3 : 10);
      const { ours } = await alternate(isQuick ? 1 : runs, {
        ours: () => onServers((servers) => oneRun(servers, { topic, folder: target, perSecond, seconds })),
      });
      cases.push({
        name: topic === 'profiles' ? 'row view' : 'windows, from the second they count in',
        runs: isQuick ? 1 : runs,
        ours: { ...ours, perSecond },
        baseline: { seconds: limitMillis / 1_000 },
        meaning: `the 99th percentile, that of the median run, / ${limitMillis} ms`,
        ratio: (ours.seconds * 1_000) / limitMillis,
        target: { atMost: 1 },
      });
    }
    return cases;
  },
};

async function onServers<T>(action: (servers: StreamServers) => Promise<T>): Promise<T> {
  const servers = await startStreamServers();
  try {
    return await action(servers);
  } finally {
    await servers[Symbol.asyncDispose]();
  }
}

/** Messages a second that ingest takes from a topic that is full already. */
async function greatestRate({ brokers, redis }: StreamServers, topic: StreamTopic, folder: string, messages: number) {
  await empty(folder);
  const until = Date.now() - 1_000;
  await runProgram('programs/produce', { brokers, topic, partitions, messages, until } satisfies ProduceRequest);
  const { seconds } = await runProgram('programs/ingest', {
    brokers,
    redisPort: redis.port,
    topic,
    group: 'rate',
    messages,
    folder,
    answers: join(folder, 'answers.json'),
    readAt: until + 60_000,
  } satisfies IngestRequest);
  return messages / seconds;
}

interface SteadyRun {
  readonly topic: StreamTopic;
  readonly folder: string;
  readonly perSecond: number;
  readonly seconds: number;
}

async function oneRun({ brokers, redis }: StreamServers, { topic, folder, perSecond, seconds }: SteadyRun) {
  await empty(folder);
  const start = Date.now() + joinMillis;
  const messages = perSecond * seconds;
  const producing = runProgram('programs/produce-steadily', {
    brokers,
    topic,
    partitions,
    messages,
    perSecond,
    start,
  } satisfies ProduceSteadilyRequest);
  const ingesting = runProgram('programs/freshness', {
    brokers,
    redisPort: redis.port,
    topic,
    group: 'fresh',
    folder,
    messages,
    countFrom: start + warmUpMillis,
  } satisfies FreshnessRequest);
  const [{ latestMillis }, measured]: readonly [Measured, Measured] = await Promise.all([producing, ingesting]);
  // The result is how late events are seen, not how long the run was.
  return { ...measured, seconds: Number(measured.p99Millis) / 1_000, producerLateMillis: latestMillis! };
}

async function empty(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
}
