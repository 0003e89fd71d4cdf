import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Benchmark, Measured } from '../harness/benchmark.ts';
import { h2load } from '../harness/h2load.ts';
import { median } from '../harness/measure.ts';
import { startRedis } from '../harness/redis.ts';
import { startServer } from '../harness/server.ts';
import { documentOf } from './serve.ts';

const share = 0.7;
const targetMillis = 10;
/** So many that a slow answer keeps few requests from being sent when they are due. */
const connections = 64;

/** How long an answer takes at a rate that leaves some of the processor: the greatest rate times 0.7. */
export const serveLatency: Benchmark = {
  name: 'serve-latency',
  shape: `one entity × 5 features, typed GraphQL through the gateway from Redis, at ${share * 100} % of the greatest rate`,
  async run({ isQuick, folder, runs }) {
    await mkdir(folder, { recursive: true });
    await using redis = await startRedis();
    if (redis === null) throw new Error('redis-server is not installed');
    const document = documentOf({ features: 5 });
    const documentId = createHash('sha256').update(document).digest('hex');
    const body = Buffer.from(JSON.stringify({ documentId, variables: { customers: [7] } }));
    const seconds = isQuick ? 3 : 10;
    const measured: Measured[] = [];
    for (let round = 0; round < runs; round++) {
      const program = await startServer('programs/serve-graph', {
        role: 'all',
        redisPort: redis.port,
        features: 5,
        documents: [document],
      });
      const url = `http://127.0.0.1:${program.port}/graphql`;
      const load = { url, body, isGrpc: false, connections, files: join(folder, 'h2load') };
      await h2load({ ...load, seconds: 2 });
      const greatest = await h2load({ ...load, seconds: 3 });
      const perSecond = Math.floor(Number(greatest.requestsPerSecond) * share);
      const steady = await h2load({ ...load, perSecond, seconds });
      await program.stop();
      measured.push({
        ...steady,
        seconds: Number(steady.p99Millis) / 1_000,
        greatestPerSecond: Number(greatest.requestsPerSecond),
      });
    }
    const ours = median(measured);
    return [
      {
        name: '1x5',
        runs,
        ours,
        baseline: { seconds: targetMillis / 1_000 },
        meaning: `the 99th percentile / ${targetMillis} ms`,
        ratio: (ours.seconds * 1_000) / targetMillis,
        target: { atMost: 1 },
      },
    ];
  },
};
