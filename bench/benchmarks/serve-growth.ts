import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { profileCount } from '../data/profiles.ts';
import type { Benchmark, Measured } from '../harness/benchmark.ts';
import { alternate } from '../harness/measure.ts';
import { startRedis } from '../harness/redis.ts';
import { startServer } from '../harness/server.ts';
import { wrk } from '../harness/wrk.ts';
import { featureNames } from '../serving-definitions.ts';

const features = 5;
const [few, many] = [9, 999];
const warmUpSeconds = 2;

/** The same question, whatever else is registered. */
export const serveRegistryGrowth: Benchmark = {
  name: 'serve-registry-growth',
  shape: 'one entity × 5 features with 1,000 views registered, against 10',
  async run({ isQuick, folder, runs }) {
    await mkdir(folder, { recursive: true });
    await using redis = await startRedis();
    if (redis === null) throw new Error('redis-server is not installed');
    const seconds = isQuick ? 3 : 10;
    const script = join(folder, 'wrk-growth.lua');
    const run = (others: number) => () => oneRun({ redisPort: redis.port, others, seconds, script });
    const { ours, baseline } = await alternate(runs, { ours: run(many), baseline: run(few) });
    return [
      {
        name: '10 → 1,000 views',
        runs,
        ours,
        baseline,
        meaning: 'processor time of a request with 1,000 views / with 10',
        ratio: Number(ours.cpuMicrosPerRequest) / Number(baseline.cpuMicrosPerRequest),
        target: { atMost: 1.1 },
      },
    ];
  },
};

interface Run {
  readonly redisPort: number;
  readonly others: number;
  readonly seconds: number;
  readonly script: string;
}

async function oneRun({ redisPort, others, seconds, script }: Run): Promise<Measured> {
  const text = `query($customers: [Int64!]!) { customers(customer: $customers) { profile { ${featureNames(features).join(' ')} } } }`;
  const documentId = createHash('sha256').update(text).digest('hex');
  const request = { role: 'all', redisPort, features, others, documents: [text] };
  const program = await startServer('programs/serve-graph', request);
  const url = `http://127.0.0.1:${program.port}/graphql`;
  const bodies = Array.from({ length: 1_000 }, (_, index) =>
    JSON.stringify({ documentId, variables: { customers: [(index * 7_919) % profileCount] } }),
  );
  const ask = (now: number) => wrk({ url, bodies, script, connections: 16, seconds: now });
  await ask(warmUpSeconds);
  program.measure();
  const measured = await ask(seconds);
  const { cpuSeconds = 0, peakRssBytes = 0 } = await program.stop();
  return { ...measured, cpuSeconds, cpuMicrosPerRequest: (cpuSeconds * 1e6) / Number(measured.requests), peakRssBytes };
}
