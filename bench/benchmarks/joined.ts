import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { composeSupergraph } from '../../codegen/supergraph.ts';
import { profileCount } from '../data/profiles.ts';
import type { Benchmark, Case, Measured, Target } from '../harness/benchmark.ts';
import { alternate } from '../harness/measure.ts';
import { installedBaseline } from '../harness/npm-package.ts';
import { startRedis } from '../harness/redis.ts';
import { type ServerProgram, startServer } from '../harness/server.ts';
import { featureNames } from '../serving-definitions.ts';
import { load, type Server, wrkLoad } from './serve.ts';

const [entities, features, bodyCount, comparedBodies] = [10, 5, 1_000, 20];

const document = `query Joined($customers: [Int64!]!) {
  customers(customer: $customers) { profile { ${featureNames(features).join(' ')} view { owner freshnessSla } } }
}`;

/** The same text each time, as both sides know it after the first. */
const bodies = Array.from({ length: bodyCount }, (_, index) => {
  const customers = Array.from({ length: entities }, (_, place) => (index * 7_919 + place * 104_729) % profileCount);
  return JSON.stringify({ query: document, variables: { customers } });
});

type Side = 'one' | 'apart' | 'hive' | 'hiveRouter';
type Start = () => Promise<Server>;

/** Values from the online subgraph, and whose view it is from the registry's: what takes a plan, two fetches and a join. */
export const joined: Benchmark = {
  name: 'joined',
  shape: `${entities} entities × ${features} features joined to the owner and the SLA of their view: ours with both subgraphs in the gateway's process, and ours as three processes, against Hive Gateway in front of the same two processes`,
  async run({ isQuick, folder, runs }) {
    await mkdir(folder, { recursive: true });
    const hive = await installedBaseline('hive-gateway');
    await using redis = await startRedis();
    if (redis === null) throw new Error('redis-server is not installed');
    const sides = sidesOf({ redisPort: redis.port, hive, supergraph: join(folder, 'joined.graphql') });
    await expectSameAnswers(Object.values(sides));
    const asking = wrkLoad({ bodies, seconds: isQuick ? 3 : 10, script: join(folder, 'wrk.lua') });
    const { one, apart, ...others } = await alternate(runs, {
      one: () => load(sides.one, asking),
      apart: () => load(sides.apart, asking),
      hive: () => load(sides.hive, asking),
      hiveRouter: () => load(sides.hiveRouter, asking),
    });
    const compared = (name: string, ours: Measured, baseline: Measured, target: Target | null): Case => ({
      name,
      runs,
      ours,
      baseline,
      meaning: 'our requests per second / those of Hive Gateway',
      ratio: baseline.seconds / ours.seconds,
      target,
    });
    return [
      compared('in one process', one, others.hive, { atLeast: 3 }),
      compared('three processes', apart, others.hive, { atLeast: 3 }),
      compared('in one process / its router', one, others.hiveRouter, null),
      compared('three processes / its router', apart, others.hiveRouter, null),
    ];
  },
};

interface Setting {
  readonly redisPort: number;
  /** Where Hive Gateway is installed. */
  readonly hive: string;
  /** Where the file of it may be written. */
  readonly supergraph: string;
}

function sidesOf({ redisPort, hive, supergraph }: Setting): Record<Side, Start> {
  const graph = (role: string, more: object = {}) =>
    startServer('programs/serve-graph', { role, redisPort, features, documents: [], ...more });
  const subgraphs = () => Promise.all([graph('registry'), graph('online')]);
  const hiveGateway = (isRouter: boolean): Start => {
    return async () => {
      const [registry, online] = await subgraphs();
      await writeFile(supergraph, await supergraphOf({ registry, online }));
      const gateway = await startServer('baselines/hive-gateway', { folder: hive, supergraph, isRouter });
      return { url: at(gateway), programs: [gateway, registry, online] };
    };
  };
  return {
    async one() {
      const program = await graph('all');
      return { url: at(program), programs: [program] };
    },
    async apart() {
      const [registry, online] = await subgraphs();
      const urls = { registryUrl: at(registry, ''), onlineUrl: at(online, '') };
      const gateway = await graph('gateway', urls);
      return { url: at(gateway), programs: [gateway, registry, online] };
    },
    hive: hiveGateway(false),
    hiveRouter: hiveGateway(true),
  };
}

function at({ port }: ServerProgram, path = '/graphql'): string {
  return `http://127.0.0.1:${port}${path}`;
}

async function supergraphOf(programs: Readonly<Record<string, ServerProgram>>): Promise<string> {
  const parts = Object.entries(programs).map(async ([name, program]) => {
    const typeDefs = await (await fetch(at(program, '/sdl'))).text();
    return { name, url: at(program), typeDefs };
  });
  return composeSupergraph(await Promise.all(parts)).supergraphSdl;
}

async function expectSameAnswers(starts: readonly Start[]): Promise<void> {
  const answers: unknown[][] = [];
  for (const start of starts) {
    const { url, programs } = await start();
    const given: unknown[] = [];
    for (const body of bodies.slice(0, comparedBodies)) {
      const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      given.push(await answer.json());
    }
    for (const program of programs) await program.stop();
    answers.push(given);
  }
  const [first, ...others] = answers;
  const different = others.find((other) => !isDeepStrictEqual(other, first));
  if (different !== undefined) {
    throw new Error(`the answers differ: ${JSON.stringify(first?.[0])} and ${JSON.stringify(different[0])}`);
  }
  // Equal failures are no answers.
  if (!JSON.stringify(first).includes('"owner":"growth","freshnessSla":"')) {
    throw new Error(`nothing was joined: ${JSON.stringify(first?.[0])}`);
  }
}
