import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Benchmark, Measured } from '../harness/benchmark.ts';
import { median } from '../harness/measure.ts';
import { runProgram } from '../harness/program.ts';
import { startRedis } from '../harness/redis.ts';
import { type ServerProgram, startServer } from '../harness/server.ts';
import { wrk } from '../harness/wrk.ts';
import { documentOf, questions } from './serve.ts';

const shape = { name: '100x5', entities: 100, features: 5, target: { atMost: 1 } };
const steadyShare = 0.7;
const overload = 2;
/** Flat: however long it goes on. A queue without a bound makes each second of it wait half a second longer. */
const targetMillis = 500;
/** More than the server can have under way, so that it is the server that has to refuse. */
const connections = 2_000;

/** What becomes of requests when there are twice as many as can be answered. */
export const serveOverload: Benchmark = {
  name: 'serve-overload',
  shape: `${shape.entities} entities × ${shape.features} features, typed GraphQL through the gateway from Redis, open loop at twice the greatest rate, against ${steadyShare * 100} % of it`,
  async run({ isQuick, folder, runs }) {
    await mkdir(folder, { recursive: true });
    await using redis = await startRedis();
    if (redis === null) throw new Error('redis-server is not installed');
    const bodies = questions(shape);
    const file = join(folder, 'open-load.json');
    await writeFile(file, JSON.stringify(bodies));
    const start = () =>
      startServer('programs/serve-graph', {
        role: 'all',
        redisPort: redis.port,
        features: shape.features,
        documents: [documentOf(shape)],
      });
    const at = ({ port }: ServerProgram): string => `http://127.0.0.1:${port}/graphql`;
    const seconds = isQuick ? 4 : 15;
    const greatestOf = async (program: ServerProgram): Promise<number> => {
      const load = { url: at(program), bodies, script: join(folder, 'wrk.lua'), connections: 64 };
      await wrk({ ...load, seconds: 2 });
      return Number((await wrk({ ...load, seconds: isQuick ? 2 : 5 })).requestsPerSecond);
    };
    const loaded = async (share: number): Promise<Measured> => {
      const program = await start();
      const greatest = await greatestOf(program);
      program.measure();
      const asked = { url: at(program), bodies: file, isGrpc: false, connections, seconds };
      const measured = await runProgram('programs/open-load', { ...asked, perSecond: Math.floor(greatest * share) });
      const { cpuSeconds, peakRssBytes } = await program.stop();
      return { ...measured, greatestPerSecond: greatest, cpuSeconds: cpuSeconds!, peakRssBytes: peakRssBytes! };
    };
    const [steadyRuns, overloadedRuns]: [Measured[], Measured[]] = [[], []];
    for (let round = 0; round < runs; round++) {
      steadyRuns.push(await loaded(steadyShare));
      overloadedRuns.push(await loaded(overload));
    }
    const [steady, overloaded] = [median(steadyRuns), median(overloadedRuns)];
    // Whoever is neither answered nor told when to come again was let down.
    if (Number(overloaded.failed) > 0) throw new Error(`neither answered nor refused: ${JSON.stringify(overloaded)}`);
    const both = { runs, ours: overloaded, baseline: steady };
    return [
      {
        ...both,
        name: 'latency of what is accepted',
        meaning: `the 99th percentile of what is accepted / ${targetMillis} ms`,
        ratio: (overloaded.seconds * 1_000) / targetMillis,
        target: { atMost: 1 },
      },
      {
        ...both,
        name: 'accepted',
        meaning: 'answers per second / the greatest rate',
        ratio: Number(overloaded.requestsPerSecond) / Number(overloaded.greatestPerSecond),
        // No target: the load, which refusals double, is made on the same two cores.
        target: null,
      },
      {
        ...both,
        name: 'memory',
        meaning: `greatest memory of the process / the same at ${steadyShare * 100} %`,
        ratio: Number(overloaded.peakRssBytes) / Number(steady.peakRssBytes),
        target: { atMost: 2 },
      },
    ];
  },
};
