import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { told } from './benchmarks/fanout.ts';
import { requestsOf } from './benchmarks/serve.ts';
import { type CallFrame, type CpuProfile, callTreeOf, nameOf, sumOf } from './harness/cpu-profile.ts';
import { flameGraph } from './harness/flame-graph.ts';
import { startRedis } from './harness/redis.ts';
import { startServer } from './harness/server.ts';
import { wrk } from './harness/wrk.ts';

/*
 * Where the processor's time of one request goes: `npm run bench:profile -- --entities 1 --features 5 [--embedded] [--baseline]`,
 * or of one event that a thousand subscribers are told of: `npm run bench:profile -- --fanout identical`. Times are of V8's
 * profiler, which takes a few percent itself; `--flame FILE.svg` draws them.
 */
const { values } = parseArgs({
  options: {
    entities: { type: 'string', default: '1' },
    features: { type: 'string', default: '5' },
    columns: { type: 'boolean', default: false },
    embedded: { type: 'boolean', default: false },
    baseline: { type: 'boolean', default: false },
    /** identical or different: subscriptions instead of requests. */
    fanout: { type: 'string' },
    sockets: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '8' },
    flame: { type: 'string' },
    /** Functions beside the layers. */
    top: { type: 'string', default: '0' },
  },
});
const seconds = Number(values.seconds);
const shape = {
  name: 'profile',
  entities: Number(values.entities),
  features: Number(values.features),
  isColumns: values.columns,
  isEmbedded: values.embedded,
  target: { atLeast: 0 },
};

const layers: readonly (readonly [name: string, isOf: (frame: CallFrame) => boolean])[] = [
  ['waiting', ({ functionName }) => functionName === '(idle)'],
  ['garbage collection', ({ functionName }) => functionName === '(garbage collector)'],
  ['system calls and what V8 does itself', ({ functionName }) => functionName === '(program)'],
  ['Node and what is built in: HTTP, sockets, promises, JSON', ({ url }) => url.startsWith('node:') || url === ''],
  ['client of Redis', ({ url }) => /node_modules\/(ioredis|redis-parser|denque|standard-as-callback)\//.test(url)],
  ['LMDB', ({ url }) => /node_modules\/(lmdb|msgpackr|ordered-binary)\//.test(url)],
  ['Asof: HTTP, limits, documents (runtime/)', ({ url }) => url.includes('/runtime/')],
  ['Asof: what is asked, the answer’s text (gateway/, subgraphs/)', ({ url }) => /\/(gateway|subgraphs)\//.test(url)],
  ['Asof: keys, values in time (core/, adapters/)', ({ url }) => /\/(core|adapters)\//.test(url)],
  ['other', () => true],
];

// Where the compiled programs look for it.
await cp('schema', join('.tmp', 'bench', 'schema'), { recursive: true });
const redis = await startRedis();
if (redis === null) throw new Error('redis-server is not installed');
const folder = await mkdtemp(join(tmpdir(), 'asof-profile-'));
const profiling = ['--cpu-prof', '--cpu-prof-interval', '200', '--cpu-prof-dir', folder];
try {
  const { count, cpuSeconds } = values.fanout === undefined ? await ask(redis.port) : await tell(redis.port);
  const file = (await readdir(folder)).find((name) => name.endsWith('.cpuprofile'))!;
  const profile = JSON.parse(await readFile(join(folder, file), 'utf8')) as CpuProfile;
  const what = `${Math.round(count / seconds)} a second, ${((cpuSeconds * 1e6) / count).toFixed(1)} µs of processor time each`;
  console.log(what);
  const micros = seconds * 1e6;
  print(
    sumOf(profile, micros, (frame) => layers.find(([, isOf]) => isOf(frame))![0]),
    count,
    layers.length,
  );
  print(sumOf(profile, micros, nameOf), count, Number(values.top));
  if (values.flame !== undefined) {
    const title = `${process.argv.slice(2).join(' ')}: ${what}; without waiting`;
    await writeFile(values.flame, flameGraph(title, callTreeOf(profile, micros)));
  }
} finally {
  await redis[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
}

interface Work {
  readonly count: number;
  readonly cpuSeconds: number;
}

async function ask(redisPort: number): Promise<Work> {
  const { ours, baseline } = requestsOf(shape, redisPort, join(folder, 'lmdb'));
  const { program, request, path, bodies } = values.baseline ? baseline : ours;
  const server = await startServer(program, request, profiling);
  const url = `http://127.0.0.1:${server.port}${path}`;
  const asked = { url, bodies, connections: 16, script: join(folder, 'wrk.lua') };
  await wrk({ ...asked, seconds: 2 });
  server.measure();
  const { requests } = await wrk({ ...asked, seconds });
  const { cpuSeconds } = await server.stop();
  return { count: Number(requests), cpuSeconds: cpuSeconds! };
}

async function tell(redisPort: number): Promise<Work> {
  const alike = { sockets: Number(values.sockets), areAlike: values.fanout === 'identical' };
  const { deliveries, cpuSeconds } = await told(redisPort, alike, seconds, profiling);
  return { count: Number(deliveries), cpuSeconds: Number(cpuSeconds) };
}

function print(sums: ReadonlyMap<string, number>, requests: number, most: number): void {
  const sorted = [...sums].sort(([, a], [, b]) => b - a).slice(0, most);
  for (const [name, micros] of sorted) console.log(`${(micros / requests).toFixed(2).padStart(8)} µs  ${name}`);
}
