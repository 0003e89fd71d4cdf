import { mkdir } from 'node:fs/promises';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { fileDescriptors } from '../../runtime/grpc/generated/descriptors.ts';
import { profileCount } from '../data/profiles.ts';
import type { Benchmark, Case } from '../harness/benchmark.ts';
import { alternate } from '../harness/measure.ts';
import { startRedis } from '../harness/redis.ts';
import { startServer } from '../harness/server.ts';
import { caseOf, expectSameAnswers, load, type Start, serversOf, unaryCalls } from './grpc.ts';

const shapes = [
  { name: '1x5', entities: 1, features: 5 },
  { name: '100x50', entities: 100, features: 50 },
];

/** Which library gRPC is served with, by the same few lines of a user's on each. */
export const grpcLibraries: Benchmark = {
  name: 'grpc-libraries',
  shape: 'the same server by hand with @grpc/grpc-js, which Asof takes, against @connectrpc/connect-node',
  async run({ isQuick, folder, runs }) {
    await mkdir(folder, { recursive: true });
    await using redis = await startRedis();
    if (redis === null) throw new Error('redis-server is not installed');
    const cases: Case[] = [];
    for (const shape of shapes) {
      const { byHand } = serversOf(shape, redis.port);
      const connect: Start = () =>
        startServer('baselines/serve-connect', {
          redisPort: redis.port,
          customers: profileCount,
          features: shape.features,
          descriptors: descriptorSet(),
        });
      await expectSameAnswers(shape, [byHand, connect]);
      const ask = unaryCalls(shape, folder);
      const seconds = isQuick ? 3 : 10;
      const measured = await alternate(runs, {
        ours: () => load(byHand, ask, seconds),
        baseline: () => load(connect, ask, seconds),
      });
      const meaning = 'calls per second with grpc-js / with connect-node';
      cases.push(caseOf(shape.name, runs, { ...measured, meaning, target: { atLeast: 1 } }));
    }
    return cases;
  },
};

/** With each file behind those that it imports, as the library wants them. */
function descriptorSet(): string {
  const files = fileDescriptors.map(({ bytes }) => fromBinary(FileDescriptorProtoSchema, bytes));
  const behind = new Map(files.map((one) => [one.name, one]));
  const file: typeof files = [];
  const add = (one: (typeof files)[number]): void => {
    if (!behind.delete(one.name)) return;
    for (const name of one.dependency) {
      const imported = behind.get(name);
      if (imported !== undefined) add(imported);
    }
    file.push(one);
  };
  files.forEach(add);
  const set = create(FileDescriptorSetSchema, { file });
  return Buffer.from(toBinary(FileDescriptorSetSchema, set)).toString('base64');
}
