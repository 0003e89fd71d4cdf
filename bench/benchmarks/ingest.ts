import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { windowedAnswers } from '../baselines/window-answers.ts';
import { streamMessages } from '../data/stream.ts';
import type { Benchmark, Measured, Scale } from '../harness/benchmark.ts';
import { alternate } from '../harness/measure.ts';
import { runProgram } from '../harness/program.ts';
import { type StreamServers, startStreamServers } from '../harness/streams.ts';
import type { IngestRequest } from '../programs/ingest.ts';
import type { ProduceRequest } from '../programs/produce.ts';
import type { StreamTopic } from '../stream-definitions.ts';

const partitions = 4;

const against = 'a bare kafkajs consumer that writes the messages as they are with pipelined SETs';

export const ingestRows: Benchmark = {
  name: 'ingest-rows',
  shape: `Kafka → Redis and Parquet, a row view of 10,000 keys, against ${against}`,
  run: (scale) => ingest(scale, 'profiles', 0.5),
};

export const ingestWindows: Benchmark = {
  name: 'ingest-windows',
  shape: `Kafka → Redis and Parquet, 4 aggregates over 3 windows of 10,000 keys by Zipf, against ${against}`,
  run: (scale) => ingest(scale, 'payments', 0.3),
};

interface Run {
  readonly servers: StreamServers;
  readonly folder: string;
  readonly topic: StreamTopic;
  readonly messages: number;
  readonly readAt: number;
}

async function ingest({ isQuick, folder, runs }: Scale, topic: StreamTopic, atLeast: number) {
  const messages = isQuick ? 40_000 : 400_000;
  const target = join(folder, `ingest-${topic}`);
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  const servers = await startStreamServers();
  try {
    const until = Date.now() - 1_000;
    const produce: ProduceRequest = { brokers: servers.brokers, topic, partitions, messages, until };
    await runProgram('programs/produce', produce);
    const run: Run = { servers, folder: target, topic, messages, readAt: Date.now() + 60_000 };
    let runNumber = 0;
    const sides = {
      ours: () => ours(run, runNumber++),
      baseline: () => baseline(run, runNumber++),
    };
    await sides.ours();
    await sides.baseline();
    await expectRightAnswers(run, until);
    const measured = await alternate(runs, sides);
    const perSecond = ({ seconds }: Measured) => Math.round(messages / seconds);
    return [
      {
        name: 'messages per second',
        runs,
        ours: { ...measured.ours, messagesPerSecond: perSecond(measured.ours) },
        baseline: { ...measured.baseline, messagesPerSecond: perSecond(measured.baseline) },
        meaning: 'our messages per second / those of the bare consumer',
        ratio: measured.baseline.seconds / measured.ours.seconds,
        target: { atLeast },
      },
    ];
  } finally {
    await servers[Symbol.asyncDispose]();
  }
}

const answersOf = ({ folder }: Run, side: string) => join(folder, `${side}.json`);

async function ours(run: Run, number: number): Promise<Measured> {
  await emptyRedis(run);
  const folder = join(run.folder, 'ours');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const { servers, topic, messages, readAt } = run;
  return runProgram('programs/ingest', {
    brokers: servers.brokers,
    redisPort: servers.redis.port,
    topic,
    group: `ours-${number}`,
    messages,
    folder,
    answers: answersOf(run, 'ours'),
    readAt,
  } satisfies IngestRequest);
}

async function baseline(run: Run, number: number): Promise<Measured> {
  await emptyRedis(run);
  const { servers, topic, messages } = run;
  return runProgram('baselines/ingest', {
    brokers: servers.brokers,
    redisPort: servers.redis.port,
    topic,
    group: `baseline-${number}`,
    messages,
    answers: answersOf(run, 'baseline'),
  });
}

async function emptyRedis({ servers }: Run): Promise<void> {
  const client = new Redis({ port: servers.redis.port });
  await client.flushall();
  client.disconnect();
}

/** Rows are what the bare consumer has; windows, which it does not compute, what a loop over the messages says. */
async function expectRightAnswers(run: Run, until: number): Promise<void> {
  const expected =
    run.topic === 'profiles'
      ? await readFile(answersOf(run, 'baseline'), 'utf8')
      : JSON.stringify(windowedAnswers(streamMessages(run.messages, until), run.readAt));
  const found = await readFile(answersOf(run, 'ours'), 'utf8');
  if (found !== expected)
    throw new Error(`the answers differ: ${answersOf(run, 'ours')}\n${expected.slice(0, 300)}\n${found.slice(0, 300)}`);
}
