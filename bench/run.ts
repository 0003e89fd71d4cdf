import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { derived } from './benchmarks/derived.ts';
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
import { transform } from './benchmarks/transform.ts';
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
  joined,
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
  },
});
const unknown = positionals.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name));
if (unknown.length > 0) {
  throw new Error(
    `no benchmark is named ${unknown.join(', ')}; there are ${benchmarks.map(({ name }) => name).join(', ')}`,
  );
}

const isQuick = values.quick;
const root = process.cwd();
const folder = join(root, '.tmp', 'bench-data');
// Where the compiled programs look for it.
await cp(join(root, 'schema'), join(root, '.tmp', 'bench', 'schema'), { recursive: true });
if (values.fresh) await rm(folder, { recursive: true, force: true });
const results = isQuick ? join(root, '.tmp', 'bench-results') : join(root, 'bench', 'results');
const runs = Number(values.runs ?? (isQuick ? 3 : 5));

for (const benchmark of benchmarks) {
  if (positionals.length > 0 && !positionals.includes(benchmark.name)) continue;
  const machine = await describeMachine();
  const cases = await benchmark.run({ isQuick, folder, runs });
  await writeResult(results, benchmark, machine, cases);
  printCases(benchmark.name, cases);
}
