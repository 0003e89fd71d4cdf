import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { requestsOf } from './benchmarks/serve.ts';
import { scriptOf } from './harness/program.ts';
import { startRedis } from './harness/redis.ts';
import { wrk } from './harness/wrk.ts';

/*
 * Where the processor's time of one request goes: `npm run bench:profile -- --entities 1 --features 5 [--embedded] [--baseline]`.
 * Times are of V8's profiler, which takes a few percent itself.
 */
const { values } = parseArgs({
  options: {
    entities: { type: 'string', default: '1' },
    features: { type: 'string', default: '5' },
    columns: { type: 'boolean', default: false },
    embedded: { type: 'boolean', default: false },
    baseline: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '8' },
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

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[];
  readonly samples: readonly number[];
  /** Microseconds. */
  readonly timeDeltas: readonly number[];
}

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
try {
  const { ours, baseline } = requestsOf(shape, redis.port, join(folder, 'lmdb'));
  const { program, request, path, bodies } = values.baseline ? baseline : ours;
  const options = ['--expose-gc', '--cpu-prof', '--cpu-prof-interval', '200', '--cpu-prof-dir', folder];
  const child = spawn(process.execPath, [...options, scriptOf(program), JSON.stringify(request)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { port } = JSON.parse((await lines.next()).value!) as { port: number };
  const asked = { url: `http://127.0.0.1:${port}${path}`, bodies, connections: 16, script: join(folder, 'wrk.lua') };
  await wrk({ ...asked, seconds: 2 });
  child.stdin.write('\n');
  const { requests, requestsPerSecond } = await wrk({ ...asked, seconds });
  child.stdin.end();
  const { cpuSeconds } = JSON.parse((await lines.next()).value!) as { cpuSeconds: number };
  await once(child, 'close');
  const file = (await readdir(folder)).find((name) => name.endsWith('.cpuprofile'))!;
  const profile = JSON.parse(await readFile(join(folder, file), 'utf8')) as CpuProfile;
  const count = Number(requests);
  console.log(
    `${Math.round(Number(requestsPerSecond))} requests a second, ${((cpuSeconds * 1e6) / count).toFixed(1)} µs of processor time each`,
  );
  print(
    sumOf(profile, (frame) => layers.find(([, isOf]) => isOf(frame))![0]),
    count,
    layers.length,
  );
  print(
    sumOf(
      profile,
      ({ functionName, url, lineNumber }) => `${functionName} ${url.split('/').slice(-3).join('/')}:${lineNumber + 1}`,
    ),
    count,
    Number(values.top),
  );
} finally {
  await redis[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
}

/** Microseconds of the measured seconds, by what `nameOf` makes of a frame. */
function sumOf({ nodes, samples, timeDeltas }: CpuProfile, nameOf: (frame: CallFrame) => string): Map<string, number> {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const sums = new Map<string, number>();
  let left = seconds * 1e6;
  for (let i = samples.length - 1; i >= 0 && left > 0; i--) {
    const name = names.get(samples[i]!)!;
    sums.set(name, (sums.get(name) ?? 0) + timeDeltas[i]!);
    left -= timeDeltas[i]!;
  }
  return sums;
}

function print(sums: ReadonlyMap<string, number>, requests: number, most: number): void {
  const sorted = [...sums].sort(([, a], [, b]) => b - a).slice(0, most);
  for (const [name, micros] of sorted) console.log(`${(micros / requests).toFixed(2).padStart(8)} µs  ${name}`);
}
