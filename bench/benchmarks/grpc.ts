import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, credentials } from '@grpc/grpc-js';
import { encoded } from '../../runtime/grpc/codec.ts';
import {
  readBatchGetFeaturesResponse,
  writeBatchGetFeaturesRequest,
  writeGetFeaturesRequest,
} from '../../runtime/grpc/generated/feature_store.ts';
import { ProtoReader } from '../../runtime/grpc/proto-reader.ts';
import { profileCount } from '../data/profiles.ts';
import type { Benchmark, Case, Measured, Target } from '../harness/benchmark.ts';
import { h2load } from '../harness/h2load.ts';
import { alternate } from '../harness/measure.ts';
import { runProgram } from '../harness/program.ts';
import { startRedis } from '../harness/redis.ts';
import { type ServerProgram, startServer } from '../harness/server.ts';
import { featureNames } from '../serving-definitions.ts';

const connections = 16;
const warmUpSeconds = 2;

export interface Shape {
  readonly name: string;
  readonly entities: number;
  readonly features: number;
  readonly target: Target;
}

export const grpc1x5 = unary({ name: '1x5', entities: 1, features: 5, target: { atLeast: 0.9 } });
export const grpc100x50 = unary({ name: '100x50', entities: 100, features: 50, target: { atLeast: 0.9 } });

export type Start = () => Promise<ServerProgram>;
type Ask = (url: string, seconds: number) => Promise<Measured>;

function unary(shape: Shape): Benchmark {
  return {
    name: `grpc-${shape.name}`,
    shape: `${shape.entities} entities × ${shape.features} features over gRPC from Redis, against a server by hand of the same library`,
    async run({ isQuick, folder, runs }) {
      await mkdir(folder, { recursive: true });
      await using redis = await startRedis();
      if (redis === null) throw new Error('redis-server is not installed');
      const { ours, byHand } = serversOf(shape, redis.port);
      await expectSameAnswers(shape, [ours, byHand]);
      const ask = unaryCalls(shape, folder);
      const seconds = isQuick ? 3 : 10;
      const measured = await alternate(runs, {
        ours: () => load(ours, ask, seconds),
        baseline: () => load(byHand, ask, seconds),
      });
      return [
        caseOf(shape.name, runs, {
          ...measured,
          meaning: 'our calls per second / those of the server by hand',
          target: shape.target,
        }),
      ];
    },
  };
}

/** The calls of a shape, over connections with one call at a time on each. @param folder where files may be written */
export function unaryCalls(shape: Pick<Shape, 'entities' | 'features'>, folder: string): Ask {
  const path = shape.entities === 1 ? 'GetFeatures' : 'BatchGetFeatures';
  const [body] = messagesOf(shape);
  const files = join(folder, 'h2load');
  return (url, seconds) =>
    h2load({ url: `${url}/FeatureStore/${path}`, body: body!, isGrpc: true, connections, seconds, files });
}

/** What a stream saves: the same batches of few entities, as a call each. */
export const grpcStream: Benchmark = {
  name: 'grpc-stream',
  shape:
    'batches of one entity × 5 features over gRPC, 64 in flight over one connection: messages of one call, against a call each',
  async run({ isQuick, runs }) {
    await using redis = await startRedis();
    if (redis === null) throw new Error('redis-server is not installed');
    const shape = { name: '1x5', entities: 1, features: 5 };
    const { ours } = serversOf(shape, redis.port);
    const messages = messagesOf({ ...shape, isBatch: true }).map((message) => message.toString('base64'));
    const asking =
      (isStream: boolean): Ask =>
      (url, seconds) =>
        runProgram('programs/grpc-load', { url, messages, isStream, inFlight: 64, seconds });
    const seconds = isQuick ? 3 : 10;
    const measured = await alternate(runs, {
      ours: () => load(ours, asking(true), seconds),
      baseline: () => load(ours, asking(false), seconds),
    });
    const meaning = 'batches per second in one call / as a call each';
    return [caseOf('stream', runs, { ...measured, meaning, target: { atLeast: 2 } })];
  },
};

export function caseOf(
  name: string,
  runs: number,
  { ours, baseline, meaning, target }: Pick<Case, 'ours' | 'baseline' | 'meaning' | 'target'>,
): Case {
  return { name, runs, ours, baseline, meaning, ratio: baseline.seconds / ours.seconds, target };
}

export function serversOf({ features }: Pick<Shape, 'features'>, redisPort: number): Record<'ours' | 'byHand', Start> {
  return {
    ours: () => startServer('programs/serve-graph', { role: 'all', redisPort, features, documents: [] }),
    byHand: () => startServer('baselines/serve-grpc', { redisPort, customers: profileCount, features }),
  };
}

function messagesOf({
  entities,
  features,
  isBatch = entities > 1,
}: Pick<Shape, 'entities' | 'features'> & { isBatch?: boolean }): Buffer[] {
  const names = featureNames(features).map((name) => `profile:${name}`);
  return Array.from({ length: 1_000 }, (_, index) => {
    const ids = Array.from({ length: entities }, (_, place) =>
      String((index * 7_919 + place * 104_729) % profileCount),
    );
    return isBatch
      ? encoded(writeBatchGetFeaturesRequest, { entityIds: ids, featureNames: names })
      : encoded(writeGetFeaturesRequest, { entityId: ids[0]!, featureNames: names });
  });
}

/** Values by entity and feature: what neither side leaves out. */
export async function expectSameAnswers(
  shape: Pick<Shape, 'entities' | 'features'>,
  servers: readonly Start[],
): Promise<void> {
  const [question] = messagesOf({ ...shape, isBatch: true });
  const answers = [];
  for (const start of servers) {
    const program = await start();
    const client = new Client(`127.0.0.1:${program.port}`, credentials.createInsecure());
    const same = (bytes: Buffer): Buffer => bytes;
    const answer = await new Promise<Buffer>((resolve, reject) => {
      client.makeUnaryRequest('/FeatureStore/BatchGetFeatures', same, same, question!, (error, bytes) =>
        error === null ? resolve(bytes!) : reject(error),
      );
    });
    const { features } = readBatchGetFeaturesResponse(new ProtoReader(answer));
    const told = [...features].map(([id, row]) => [
      id,
      [...row.features].map(([name, { intValue }]) => [name, intValue]),
    ]);
    answers.push(JSON.stringify(told.sort()));
    client.close();
    await program.stop();
  }
  if (answers[0] !== answers[1]) throw new Error(`the answers differ: ${answers.join(' and ')}`);
}

/** One run: a server of its own, warmed up, and then the calls that count. */
export async function load(start: Start, ask: Ask, seconds: number): Promise<Measured> {
  const program = await start();
  const url = `http://127.0.0.1:${program.port}`;
  await ask(url, warmUpSeconds);
  program.measure();
  const measured = await ask(url, seconds);
  const { cpuSeconds, peakRssBytes } = await program.stop();
  const cpuMicrosPerRequest = (cpuSeconds! * 1e6) / Number(measured.requests);
  return { ...measured, cpuSeconds: cpuSeconds!, cpuMicrosPerRequest, peakRssBytes: peakRssBytes! };
}
