import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { profileValue } from '../data/profiles.ts';
import {
  type Benchmark,
  type Case,
  type Measured,
  type Protocol,
  protocols,
  type Target,
} from '../harness/benchmark.ts';
import { askValues, type FeastQuestion, paths, questionText } from '../harness/feast-questions.ts';
import { startFeast } from '../harness/feast-server.ts';
import { alternate } from '../harness/measure.ts';
import { runProgram } from '../harness/program.ts';
import { startRedis } from '../harness/redis.ts';
import { startServer } from '../harness/server.ts';
import { wrk } from '../harness/wrk.ts';

interface Shape {
  readonly name: string;
  readonly entities: number;
  readonly features: number;
  /** Requests per second, where nothing else says how many. */
  readonly perSecond: number;
}

/** Those of which Feast publishes figures. */
const shapes: readonly Shape[] = [
  { name: '1x50', entities: 1, features: 50, perSecond: 500 },
  { name: '100x50', entities: 100, features: 50, perSecond: 100 },
  { name: '100x250', entities: 100, features: 250, perSecond: 25 },
];
const requestCount = 1_000;
const comparedRequests = 5;
const targetMillis = 10;
/** Of Feast's greatest rate: less than would make it queue. */
const share = 0.5;

/** The workload of Feast's own benchmarks, at a fixed rate, over each of the protocols that serve it. */
export const feastShape: Benchmark = {
  name: 'feast-shape',
  shape:
    '10,000 rows of 250 int64 features in 25 views, services of 50 and 250 features for 1 and 100 entities, 1,000 distinct requests, open loop at a fixed rate: ours from Redis over GraphQL and Feast’s two protocols; against Feast’s Python feature server on SQLite at half of its greatest rate',
  async run({ isQuick, folder, runs, server }) {
    await mkdir(folder, { recursive: true });
    const rows = isQuick ? 1_000 : 10_000;
    const seconds = isQuick ? 2 : 10;
    const at = (url: string, protocol: Protocol, shape: Shape): Asked => ({ url, protocol, shape, rows, folder });
    const told = async (asked: Asked, perSecond: number, target: Target | null): Promise<Case> => {
      const measured = await measure(asked, perSecond, seconds);
      return {
        name: `${asked.shape.name} ${asked.protocol}`,
        runs: 1,
        ours: measured,
        baseline: { seconds: targetMillis / 1_000 },
        meaning: `the 99th percentile / ${targetMillis} ms`,
        ratio: (measured.seconds * 1_000) / targetMillis,
        target,
      };
    };
    if (server !== null) {
      const cases: Case[] = [];
      for (const shape of shapes) {
        const asked = at(server.url, server.protocol, shape);
        await expectRightAnswers(asked);
        cases.push(await told(asked, server.perSecond ?? shape.perSecond, { atMost: 1 }));
      }
      return cases;
    }
    await using redis = await startRedis();
    if (redis === null) throw new Error('redis-server is not installed');
    const ours = await startServer('programs/serve-graph', {
      role: 'all',
      redisPort: redis.port,
      features: 0,
      feastRows: rows,
      documents: [],
    });
    const url = `http://127.0.0.1:${ours.port}`;
    const cases: Case[] = [];
    for (const shape of shapes) {
      for (const protocol of protocols) {
        const asked = at(url, protocol, shape);
        await expectRightAnswers(asked);
        await measure(asked, shape.perSecond, 1);
        cases.push(await told(asked, shape.perSecond, shape.entities === 1 ? { atMost: 1 } : null));
      }
    }
    await using feast = await startFeast(folder, rows);
    for (const shape of feast === null ? [] : shapes) {
      const [mine, theirs] = [at(url, 'feast-http', shape), at(feast!.url, 'feast-http', shape)];
      await expectRightAnswers(theirs);
      const greatest = await greatestOf(theirs, isQuick ? 2 : 5);
      const perSecond = Math.max(1, Math.floor(greatest * share));
      const measured = await alternate(runs, {
        ours: () => measure(mine, perSecond, seconds),
        baseline: () => measure(theirs, perSecond, seconds),
      });
      cases.push({
        name: `${shape.name} against Feast`,
        runs,
        ours: measured.ours,
        baseline: { ...measured.baseline, greatestPerSecond: greatest },
        meaning: 'our 99th percentile / that of Feast’s Python server',
        ratio: measured.ours.seconds / measured.baseline.seconds,
        target: { atMost: 1 },
      });
    }
    await ours.stop();
    return cases;
  },
};

interface Asked {
  readonly url: string;
  readonly protocol: Protocol;
  readonly shape: Shape;
  readonly rows: number;
  readonly folder: string;
}

function questionsOf({ shape: { entities, features }, rows }: Asked): FeastQuestion[] {
  return Array.from({ length: requestCount }, (_, index) => ({
    service: `service_${features}`,
    // Nowhere the same customer twice: 7 divides no number of rows, and there are fewer entities than rows.
    customers: Array.from({ length: entities }, (_, place) => (index * 7_919 + place * 7) % rows),
  }));
}

async function bodiesOf(asked: Asked): Promise<{ readonly file: string; readonly bodies: readonly string[] }> {
  const bodies = questionsOf(asked).map((question) => questionText(asked.protocol, question));
  const file = join(asked.folder, 'open-load.json');
  await writeFile(file, JSON.stringify(bodies));
  return { file, bodies };
}

async function measure(asked: Asked, perSecond: number, seconds: number): Promise<Measured> {
  const { file } = await bodiesOf(asked);
  const isGrpc = asked.protocol === 'feast-grpc';
  const url = new URL(paths[asked.protocol], asked.url).href;
  const connections = isGrpc ? 4 : 256;
  return runProgram('programs/open-load', { url, bodies: file, isGrpc, perSecond, seconds, connections });
}

async function greatestOf(asked: Asked, seconds: number): Promise<number> {
  const { bodies } = await bodiesOf(asked);
  const url = new URL(paths[asked.protocol], asked.url).href;
  const load = { url, bodies, connections: 2, script: join(asked.folder, 'wrk.lua') };
  await wrk({ ...load, seconds: 1 });
  return Number((await wrk({ ...load, seconds })).requestsPerSecond);
}

/** Held against the formula by which every side was filled. */
async function expectRightAnswers(asked: Asked): Promise<void> {
  const { url, protocol, shape } = asked;
  for (const question of questionsOf(asked).slice(0, comparedRequests)) {
    const got = await askValues(url, protocol, question);
    const names = Array.from({ length: shape.features }, (_, feature) => feature);
    const expected = Object.fromEntries(
      names.map((feature) => [
        `feature_${feature}`,
        question.customers.map((customer) => profileValue(customer, feature)),
      ]),
    );
    if (isDeepStrictEqual(got, expected)) continue;
    const [first] = names
      .map((feature) => `feature_${feature}`)
      .filter((name) => !isDeepStrictEqual(got[name], expected[name]));
    throw new Error(
      `${protocol} at ${url} answers otherwise than it was filled: ${first}: expected ${expected[first ?? '']}; got ${got[first ?? '']}`,
    );
  }
}
