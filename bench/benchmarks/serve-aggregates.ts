import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { airportNames, type OnlineInputs, onlineInputs } from '../data/online.ts';
import type { Benchmark, Case, Measured } from '../harness/benchmark.ts';
import { alternate } from '../harness/measure.ts';
import { runProgram } from '../harness/program.ts';
import { startRedis } from '../harness/redis.ts';
import { type ServerProgram, startServer } from '../harness/server.ts';

const keysPerRequest = 100;
const connections = 16;
const warmUpRequests = 1_000;
const comparedRequests = 20;

export const serveAggregates: Benchmark = {
  name: 'serve-aggregates',
  shape: '100 entities × 12 features over windows of 1 h, 24 h and 7 d with full tiles, against serving finished rows',
  async run({ isQuick, folder, runs }) {
    const airports = isQuick ? 200 : 1_000;
    const requests = isQuick ? 1_000 : 5_000;
    const inputs = await onlineInputs(folder, airports);
    const bodies = join(inputs.folder, 'bodies.json');
    await writeFile(bodies, JSON.stringify(requestBodies(airports)));
    const redis = await startRedis();
    const cases: Case[] = [];
    try {
      for (const store of redis === null ? ['lmdb'] : ['lmdb', 'redis']) {
        const servers = await serversOf(inputs, store === 'redis' ? redis!.port : null);
        await expectSameAnswers(servers, airports);
        const { ours, baseline } = await alternate(runs, {
          ours: () => load(servers.ours, bodies, requests),
          baseline: () => load(servers.baseline, bodies, requests),
        });
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

type Start = () => Promise<ServerProgram>;

async function serversOf(inputs: OnlineInputs, redisPort: number | null): Promise<Record<'ours' | 'baseline', Start>> {
  const folder = join(inputs.folder, 'finished');
  await rm(folder, { recursive: true, force: true });
  return {
    ours: () => startServer('programs/serve-online', { redisPort, tiles: inputs.tiles }),
    baseline: () => startServer('baselines/serve-aggregates', { redisPort, folder, rows: inputs.rows }),
  };
}

function requestBodies(airports: number): string[] {
  const names = airportNames(airports);
  return Array.from({ length: 1_000 }, (_, index) =>
    JSON.stringify({
      keys: Array.from({ length: keysPerRequest }, (_, place) => names[(index * 7919 + place * 104_729) % airports]),
    }),
  );
}

async function expectSameAnswers({ ours, baseline }: Record<'ours' | 'baseline', Start>, airports: number) {
  const servers = [await ours(), await baseline()];
  for (const body of requestBodies(airports).slice(0, comparedRequests)) {
    const [ourAnswer, baselineAnswer] = await Promise.all(
      servers.map(async ({ port }) => (await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body })).text()),
    );
    if (ourAnswer !== baselineAnswer) throw new Error(`the answers to ${body} differ`);
  }
  for (const server of servers) await server.stop();
}

/** One run: a server of its own, warmed up, and then the requests that count. */
async function load(start: Start, bodies: string, requests: number): Promise<Measured> {
  const server = await start();
  const asked = { port: server.port, bodies, connections };
  await runProgram('programs/load', { ...asked, requests: warmUpRequests });
  server.measure();
  const measured = await runProgram('programs/load', { ...asked, requests });
  if (measured.successRate !== 1) throw new Error(`requests failed: ${JSON.stringify(measured)}`);
  return { ...(await server.stop()), ...measured };
}
