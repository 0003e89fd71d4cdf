import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { onlineInputs } from '../data/online.ts';
import type { Benchmark, Case, Measured } from '../harness/benchmark.ts';
import { alternate } from '../harness/measure.ts';
import { runProgram } from '../harness/program.ts';
import { startRedis } from '../harness/redis.ts';

const keysPerRequest = 100;

export const serveAggregates: Benchmark = {
  name: 'serve-aggregates',
  shape: '100 entities × 12 features over windows of 1 h, 24 h and 7 d with full tiles, against reading finished rows',
  async run({ isQuick, folder, runs }) {
    const airports = isQuick ? 200 : 1_000;
    const requests = isQuick ? 1_000 : 5_000;
    const inputs = await onlineInputs(folder, airports);
    const redis = await startRedis();
    const cases: Case[] = [];
    try {
      for (const store of redis === null ? ['lmdb'] : ['lmdb', 'redis']) {
        const redisPort = store === 'redis' ? redis!.port : null;
        const rowsFolder = join(inputs.folder, 'finished');
        await rm(rowsFolder, { recursive: true, force: true });
        const sides = (count: number) => ({
          ours: () =>
            runProgram('programs/read-online', {
              redisPort,
              tiles: inputs.tiles,
              airports,
              keysPerRequest,
              requests: count,
            }),
          baseline: () =>
            runProgram('baselines/serve-aggregates', {
              redisPort,
              folder: rowsFolder,
              rows: inputs.rows,
              keysPerRequest,
              requests: count,
            }),
        });
        const checked = sides(1);
        const [ourAnswer, baselineAnswer] = [(await checked.ours()).answer, (await checked.baseline()).answer];
        if (ourAnswer !== baselineAnswer) throw new Error(`the answers from ${store} differ`);
        const measured = await alternate(runs, sides(requests));
        const [ours, baseline] = [told(measured.ours), told(measured.baseline)];
        cases.push({
          name: store,
          runs,
          ours,
          baseline,
          meaning: 'our requests per second / those that read a finished row per entity',
          ratio: baseline.seconds / ours.seconds,
          target: { atLeast: 0.4 },
        });
      }
    } finally {
      await redis?.[Symbol.asyncDispose]();
    }
    return cases;
  },
};

/** Without the answer, which is long. */
function told({ answer: _, ...figures }: Measured): Measured {
  return figures as Measured;
}
