import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { derived } from './benchmarks/derived.ts';
import { fanout } from './benchmarks/fanout.ts';
import { feastShape } from './benchmarks/feast-shape.ts';
import { freshness } from './benchmarks/freshness.ts';
import { grpc1x5, grpc100x50, grpcStream } from './benchmarks/grpc.ts';
import { grpcLibraries } from './benchmarks/grpc-libraries.ts';
import { ingestRows, ingestWindows } from './benchmarks/ingest.ts';
import { joined } from './benchmarks/joined.ts';
import { pitGrowth } from './benchmarks/pit-growth.ts';
import { pitMemory } from './benchmarks/pit-memory.ts';
import { pitRows } from './benchmarks/pit-rows.ts';
import { pitWindows } from './benchmarks/pit-windows.ts';
import { recovery } from './benchmarks/recovery.ts';
import {
  serve1x5,
  serve1x50,
  serve100x5,
  serve100x50,
  serve100x250,
  serveEmbedded,
  serveFree,
  serveRemote,
  serveWs,
} from './benchmarks/serve.ts';
import { serveAggregates } from './benchmarks/serve-aggregates.ts';
import { serveCache } from './benchmarks/serve-cache.ts';
import { serveRegistryGrowth } from './benchmarks/serve-growth.ts';
import { serveLatency } from './benchmarks/serve-latency.ts';
import { serveOverload } from './benchmarks/serve-overload.ts';
import { transform } from './benchmarks/transform.ts';
import { type AskedServer, protocols } from './harness/benchmark.ts';
import { warnOfFallen } from './harness/fallen.ts';
import { describeMachine, printCases, writeResult } from './harness/report.ts';

const benchmarks = [
  pitRows,
  pitWindows,
  pitMemory,
  pitGrowth,
  serve1x5,
  serve1x50,
  serve100x5,
  serve100x50,
  serve100x250,
  serveFree,
  serveRemote,
  serveEmbedded,
  serveWs,
  serveRegistryGrowth,
  serveCache,
  serveLatency,
  serveOverload,
  fanout,
  joined,
  feastShape,
  grpc1x5,
  grpc100x50,
  grpcStream,
  grpcLibraries,
  serveAggregates,
  derived,
  transform,
  ingestRows,
  ingestWindows,
  freshness,
  recovery,
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    runs: { type: 'string' },
    fresh: { type: 'boolean', default: false },
    warn: { type: 'boolean', default: false },
    url: { type: 'string' },
    protocol: { type: 'string' },
    rate: { type: 'string' },
  },
});
const unknown = positionals.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name));
if (unknown.length > 0) {
  throw new Error(
    `no benchmark is named ${unknown.join(', ')}; there are ${benchmarks.map(({ name }) => name).join(', ')}`,
  );
}

const server = askedServer();
if (server !== null && positionals.join() !== feastShape.name) {
  throw new Error(`--url is for ${feastShape.name} alone: npm run bench -- ${feastShape.name} --url http://host:port`);
}

const isQuick = values.quick;
const root = process.cwd();
const folder = join(root, '.tmp', 'bench-data');
// Where the compiled programs look for it.
await cp(join(root, 'schema'), join(root, '.tmp', 'bench', 'schema'), { recursive: true });
if (values.fresh) await rm(folder, { recursive: true, force: true });
// Those of a server of somebody's are no results of ours.
const results = isQuick || server !== null ? join(root, '.tmp', 'bench-results') : join(root, 'bench', 'results');
const runs = Number(values.runs ?? (isQuick ? 3 : 5));

for (const benchmark of benchmarks) {
  if (positionals.length > 0 && !positionals.includes(benchmark.name)) continue;
  const machine = await describeMachine();
  try {
    const cases = await benchmark.run({ isQuick, folder, runs, server });
    await writeResult(results, benchmark, machine, cases);
    printCases(benchmark.name, cases);
    if (values.warn) await warnOfFallen(join(root, 'bench', 'results'), benchmark.name, cases);
  } catch (error) {
    if (!values.warn) throw error;
    console.log(
      `WARNING ${benchmark.name} was not measured: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** What `--url`, `--protocol` and `--rate` say; null = nothing. */
function askedServer(): AskedServer | null {
  const { url, protocol = 'graphql', rate } = values;
  if (url === undefined) return null;
  const known = protocols.find((one) => one === protocol);
  if (known === undefined) throw new Error(`--protocol: expected one of ${protocols.join(', ')}; got ${protocol}`);
  if (!URL.canParse(url)) throw new Error(`--url: expected http://host:port; got ${url}`);
  const perSecond = rate === undefined ? null : Number(rate);
  if (perSecond !== null && !(perSecond > 0)) throw new Error(`--rate: expected requests per second; got ${rate}`);
  return { url, protocol: known, perSecond };
}
