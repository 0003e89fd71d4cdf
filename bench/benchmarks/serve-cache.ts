import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Benchmark } from '../harness/benchmark.ts';
import { alternate } from '../harness/measure.ts';
import { startRedis } from '../harness/redis.ts';
import { startServer } from '../harness/server.ts';
import { documentOf, load, type Server, wrkLoad } from './serve.ts';

/** Of all that are asked for. */
const hotCustomers = 100;

/** What keeping states in memory gives where few keys are asked for again and again, and are updated meanwhile. */
export const serveCache: Benchmark = {
  name: 'serve-cache',
  shape: `one of ${hotCustomers} hot entities × 5 features, typed GraphQL through the gateway from Redis, states kept in memory; an update every 10 ms`,
  async run({ isQuick, folder, runs }) {
    await mkdir(folder, { recursive: true });
    await using redis = await startRedis();
    if (redis === null) throw new Error('redis-server is not installed');
    const document = documentOf({ features: 5 });
    const documentId = createHash('sha256').update(document).digest('hex');
    const bodies = Array.from({ length: hotCustomers }, (_, customer) =>
      JSON.stringify({ documentId, variables: { customers: [customer] } }),
    );
    const start = (cacheBytes: number) => async (): Promise<Server> => {
      const asked = {
        role: 'all',
        redisPort: redis.port,
        features: 5,
        documents: [document],
        cacheBytes,
        updated: hotCustomers,
      };
      const program = await startServer('programs/serve-graph', asked);
      return { url: `http://127.0.0.1:${program.port}/graphql`, programs: [program] };
    };
    const asking = wrkLoad({ bodies, seconds: isQuick ? 3 : 10, script: join(folder, 'wrk.lua') });
    const { ours, baseline } = await alternate(runs, {
      ours: () => load(start(64 * 1024 ** 2), asking),
      baseline: () => load(start(0), asking),
    });
    const meaning = 'requests per second with states kept in memory / without';
    const ratio = baseline.seconds / ours.seconds;
    return [{ name: 'hot keys', runs, ours, baseline, meaning, ratio, target: { atLeast: 1.3 } }];
  },
};
