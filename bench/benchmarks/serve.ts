import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { profileCount } from '../data/profiles.ts';
import type { Benchmark, Case, Measured, Target } from '../harness/benchmark.ts';
import { alternate } from '../harness/measure.ts';
import { runProgram } from '../harness/program.ts';
import { startRedis } from '../harness/redis.ts';
import { type ServerProgram, startServer } from '../harness/server.ts';
import { wrk } from '../harness/wrk.ts';
import { featureNames } from '../serving-definitions.ts';

const connections = 16;
const warmUpSeconds = 2;
/** Of different bodies, posted in turn. */
const bodyCount = 1_000;
/** More texts than any cache of ours keeps: each is new when its turn comes again. */
const textCount = 20_000;
const comparedBodies = 20;

export interface Shape {
  readonly name: string;
  readonly entities: number;
  readonly features: number;
  /** Whether feature vectors are asked for, which answer with a column per feature. */
  readonly isColumns?: boolean;
  /** Whether gateway and online subgraph are two processes. */
  readonly isRemote?: boolean;
  /** Whether ours reads from the embedded store; the baseline keeps Redis. */
  readonly isEmbedded?: boolean;
  /** Whether that keeps nothing of what was read in memory, as where more is read than fits. */
  readonly isFromFile?: boolean;
  /** Whether ours is asked over one WebSocket, with so many queries in flight. */
  readonly inFlight?: number;
  /** What is sent for the document: the id of a trusted one (default), the same text again, or one never asked before. */
  readonly document?: 'id' | 'text' | 'new text';
  readonly target: Target | null;
}

export const serve1x5 = serving('serve-1x5', 'one entity × 5 features', [
  { name: '1x5', entities: 1, features: 5, target: { atLeast: 0.8 } },
]);

export const serve1x50 = serving('serve-1x50', 'one entity × 50 features', [
  { name: '1x50', entities: 1, features: 50, target: { atLeast: 0.8 } },
]);

export const serve100x5 = serving('serve-100x5', '100 entities × 5 features', [
  { name: '100x5', entities: 100, features: 5, target: { atLeast: 0.85 } },
]);

export const serve100x50 = serving('serve-100x50', '100 entities × 50 features as columns (featureVectors)', [
  { name: '100x50', entities: 100, features: 50, isColumns: true, target: { atLeast: 0.9 } },
]);

export const serve100x250 = serving('serve-100x250', '100 entities × 250 features as columns (featureVectors)', [
  { name: '100x250', entities: 100, features: 250, isColumns: true, target: { atLeast: 0.9 } },
]);

export const serveRemote = serving('serve-remote', 'the same with gateway and online subgraph as two processes', [
  { name: '1x5', entities: 1, features: 5, isRemote: true, target: { atLeast: 0.35 } },
  { name: '100x5', entities: 100, features: 5, isRemote: true, target: { atLeast: 0.5 } },
]);

export const serveFree = serving(
  'serve-free',
  'one entity × 5 features, the same text again and a new text each time',
  [
    { name: 'same text', entities: 1, features: 5, document: 'text', target: { atLeast: 0.75 } },
    { name: 'new text', entities: 1, features: 5, document: 'new text', target: { atLeast: 0.15 } },
  ],
);

export const serveEmbedded = serving('serve-embedded', 'the same on the embedded store, without Redis', [
  { name: '1x5', entities: 1, features: 5, isEmbedded: true, target: { atLeast: 1.2 } },
  { name: '100x5', entities: 100, features: 5, isEmbedded: true, target: { atLeast: 1.2 } },
  { name: '100x5 from the file', entities: 100, features: 5, isEmbedded: true, isFromFile: true, target: null },
]);

export const serveWs = serving('serve-ws', 'one entity × 5 features over one WebSocket, 64 queries in flight', [
  { name: '1x5', entities: 1, features: 5, inFlight: 64, target: { atLeast: 1.5 } },
]);

function serving(name: string, what: string, shapes: readonly Shape[]): Benchmark {
  return {
    name,
    shape: `${what}, typed GraphQL through the gateway from Redis, against a server by hand`,
    async run({ isQuick, folder, runs }) {
      await mkdir(folder, { recursive: true });
      await using redis = await startRedis();
      if (redis === null) throw new Error('redis-server is not installed');
      const cases: Case[] = [];
      for (const shape of shapes) {
        const embedded = join(folder, `serve-embedded-${shape.features}`);
        await rm(embedded, { recursive: true, force: true });
        const servers = serversOf(shape, redis.port, embedded);
        await expectSameAnswers(shape, servers);
        const seconds = isQuick ? 3 : 10;
        const script = join(folder, 'wrk.lua');
        const { ours, baseline } = await alternate(runs, {
          ours: () => {
            const { inFlight } = shape;
            const bodies = questions(shape);
            return inFlight === undefined
              ? load(servers.ours, wrkLoad({ bodies, seconds, script }))
              : load(servers.ours, socketLoad({ bodies, seconds, inFlight }));
          },
          baseline: () => load(servers.baseline, wrkLoad({ bodies: plainQuestions(shape), seconds, script })),
        });
        cases.push({
          name: shape.name,
          runs,
          ours,
          baseline,
          meaning: 'our requests per second / those of the server by hand',
          ratio: baseline.seconds / ours.seconds,
          target: shape.target,
        });
      }
      return cases;
    },
  };
}

export interface Server {
  /** Where it is asked. */
  readonly url: string;
  /** All processes of it. */
  readonly programs: readonly ServerProgram[];
}

type Sides<T> = Record<'ours' | 'baseline', T>;

/** One process of a side, and what it is asked. */
interface Asking {
  readonly program: string;
  readonly request: object;
  readonly path: string;
  readonly bodies: readonly string[];
}

/** Of a shape whose gateway is not a process of its own. @param folder of the embedded store */
export function requestsOf(shape: Shape, redisPort: number, folder: string): Sides<Asking> {
  const { features, isColumns = false, isEmbedded = false, isFromFile = false } = shape;
  const store = isEmbedded ? { redisPort: null, folder, ...(isFromFile && { memoryBytes: 0 }) } : { redisPort };
  return {
    ours: {
      program: 'programs/serve-graph',
      request: { role: 'all', ...store, features, documents: [documentOf(shape)] },
      path: '/graphql',
      bodies: questions(shape),
    },
    baseline: {
      program: 'baselines/serve-profiles',
      request: { redisPort, customers: profileCount, features, isColumns },
      path: '/',
      bodies: plainQuestions(shape),
    },
  };
}

function serversOf(shape: Shape, redisPort: number, folder: string): Sides<() => Promise<Server>> {
  const { ours, baseline } = requestsOf(shape, redisPort, folder);
  const at = (program: ServerProgram, path = '') => `http://127.0.0.1:${program.port}${path}`;
  const alone = async ({ program: name, request, path }: Asking): Promise<Server> => {
    const program = await startServer(name, request);
    return { url: at(program, path), programs: [program] };
  };
  return {
    async ours() {
      if (shape.isRemote !== true) return alone(ours);
      const online = await startServer(ours.program, { ...ours.request, role: 'online' });
      const gateway = await startServer(ours.program, { ...ours.request, role: 'gateway', onlineUrl: at(online) });
      return { url: at(gateway, ours.path), programs: [gateway, online] };
    },
    baseline: () => alone(baseline),
  };
}

/** Which customers each of the bodies asks for. */
function askedCustomers({ entities, document }: Shape): number[][] {
  return Array.from({ length: document === 'new text' ? textCount : bodyCount }, (_, index) =>
    Array.from({ length: entities }, (_, place) => (index * 7_919 + place * 104_729) % profileCount),
  );
}

export function documentOf({ features, isColumns }: Pick<Shape, 'features' | 'isColumns'>): string {
  if (isColumns) {
    const field = 'featureVectors(service: "profiles_of_customers", keys: { customer: $customers })';
    return `query Profiles($customers: JSON!) { ${field} { names values } }`;
  }
  const fields = `profile { ${featureNames(features).join(' ')} }`;
  return `query Profiles($customers: [Int64!]!) { customers(customer: $customers) { ${fields} } }`;
}

export function questions(shape: Shape): string[] {
  const text = documentOf(shape);
  const documentId = createHash('sha256').update(text).digest('hex');
  const { document = 'id' } = shape;
  return askedCustomers(shape).map((customers, index) => {
    const query = document === 'new text' ? text.replace('Profiles', `Profiles${index}`) : text;
    return JSON.stringify({ ...(document === 'id' ? { documentId } : { query }), variables: { customers } });
  });
}

function plainQuestions(shape: Shape): string[] {
  return askedCustomers(shape).map((customers) => JSON.stringify({ customers }));
}

async function expectSameAnswers(shape: Shape, servers: Sides<() => Promise<Server>>): Promise<void> {
  const sides = [await servers.ours(), await servers.baseline()];
  const bodies = [questions(shape), plainQuestions(shape)];
  for (let index = 0; index < comparedBodies; index++) {
    const [ours, byHand] = await Promise.all(sides.map(({ url }, side) => post(url, bodies[side]![index]!)));
    if (ours!.trim() !== byHand) throw new Error(`the answers differ: ${ours} and ${byHand}`);
  }
  for (const { programs } of sides) await Promise.all(programs.map((program) => program.stop()));
}

async function post(url: string, body: string): Promise<string> {
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  return answer.text();
}

/** Asks a server for so long. */
type Load = (url: string, seconds: number) => Promise<Measured>;
interface LoadFor {
  readonly seconds: number;
  readonly ask: Load;
}

interface Asked {
  readonly bodies: readonly string[];
  readonly seconds: number;
}

export function wrkLoad({ bodies, seconds, script }: Asked & { readonly script: string }): LoadFor {
  return { seconds, ask: (url, now) => wrk({ url, bodies, script, connections, seconds: now }) };
}

function socketLoad({ bodies, seconds, inFlight }: Asked & { readonly inFlight: number }): LoadFor {
  // The protocol wants a text, too, and an empty one beside an id.
  const payloads = bodies.map((body) => ({ query: '', ...(JSON.parse(body) as object) }));
  return {
    seconds,
    ask: (url, now) =>
      runProgram('programs/ws-load', { url: url.replace('http', 'ws'), payloads, inFlight, seconds: now }),
  };
}

/** One run: a server of its own, warmed up, and then the requests that count. */
export async function load(start: () => Promise<Server>, { seconds, ask }: LoadFor): Promise<Measured> {
  const { url, programs } = await start();
  await ask(url, warmUpSeconds);
  for (const program of programs) program.measure();
  const measured = await ask(url, seconds);
  const took = await Promise.all(programs.map((program) => program.stop()));
  const cpuSeconds = took.reduce((sum, each) => sum + each.cpuSeconds!, 0);
  return {
    ...measured,
    cpuSeconds,
    cpuMicrosPerRequest: (cpuSeconds * 1e6) / Number(measured.requests),
    peakRssBytes: took.reduce((sum, each) => sum + each.peakRssBytes!, 0),
  };
}
