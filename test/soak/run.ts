import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createSystemClock } from '../../adapters/clock/system-clock.ts';
import { openKafkaEventLog } from '../../adapters/kafka/event-log.ts';
import { enginesNeeded, startEngines, startLosableRedis } from '../chaos/engines.ts';
import { startProducer } from '../chaos/producer.ts';
import { startRole } from '../e2e/asof-process.ts';
import { processNames, separateProcesses } from '../e2e/separate-processes.ts';
import { shopDefinitions } from '../exactly-once/definitions.ts';
import { greatestRate, readSteadily, users, visit } from './clients.ts';
import { latencyIsFlat, type SoakResult, tableOf, verdictsOf, writeTable } from './report.ts';
import { quantile, type Sample, takeSample } from './samples.ts';

/*
 * Seven processes on real servers at half of the reads that they can answer, with events and subscribers, for a long time:
 * what grows is found. Exit code 1 when memory, descriptors or latency of any process do.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    events: { type: 'string', default: '400' },
    /** Events before anything is measured: with an empty store more reads are possible than ever again. */
    warm: { type: 'string', default: '7' },
    /** A second; absent = half of what is possible once warm. */
    reads: { type: 'string' },
    seed: { type: 'string', default: '1' },
    /** Puts the table into docs/reliability.md. */
    write: { type: 'boolean', default: false },
  },
});
const [minutes, eventsPerSecond, seed] = [Number(values.minutes), Number(values.events), Number(values.seed)];
const warmMinutes = Number(values.warm);
const readsWanted = values.reads === undefined ? null : Number(values.reads);
if (
  !(minutes >= 1) ||
  !(eventsPerSecond >= 1) ||
  !Number.isInteger(seed) ||
  !((readsWanted ?? 1) >= 1) ||
  !(warmMinutes >= 0)
) {
  console.error(
    'soak: expected --minutes, --events and --reads of at least 1, --warm of at least 0, and a whole --seed',
  );
  process.exit(2);
}
if (enginesNeeded.program === null) {
  console.error(`soak: needs servers: ${enginesNeeded.install}`);
  process.exit(2);
}

const sampleMillis = 10_000;
const capacityMillis = 20_000;
const visitors = 20;

const folder = mkdtempSync(join(tmpdir(), 'asof-soak-'));
const definitions = join(folder, 'shop.json');
// So that what is kept of each user is as much in the first minute that is measured as in the last: events' time goes some
// four times as fast as ours, and windows of a day would fill for hours.
const shorter: Readonly<Record<string, string>> = { '1h': '5m', '24h': '15m' };
const sources = shopDefinitions.sources.map((source) =>
  source.kind === 'events' ? { ...source, lateness: '15m' } : source,
);
const views = shopDefinitions.views.map((view) => ({
  ...view,
  features: view.features.map((feature) =>
    feature.kind === 'aggregate' ? { ...feature, window: shorter[feature.window] ?? feature.window } : feature,
  ),
}));
writeFileSync(definitions, JSON.stringify({ ...shopDefinitions, sources, views }));
mkdirSync(join(folder, 'history'));
const engines = await startEngines(startLosableRedis(join(folder, 'redis')));
// DuckDB fills the memory that it may take before it gives any back: a quarter of the default is full before the second half.
const variables = { ...engines.variables, ASOF_DUCKDB_MEMORY: '96MB' };
const processes = await separateProcesses(folder, variables, (role, dataDir, env) =>
  startRole(role, dataDir, env, role === 'registry' ? definitions : null),
);
let failed = false;
try {
  await Promise.all(processNames.map((name) => processes.start(name)));
  await processes.whole(120_000);
  const result = await soak();
  mkdirSync('.tmp', { recursive: true });
  writeFileSync('.tmp/soak.json', `${JSON.stringify(result)}\n`);
  console.log(tableOf(result));
  if (values.write) writeTable('docs/reliability.md', result);
  const grown = verdictsOf(result).filter(({ rises, allowed }) => rises > allowed);
  for (const { process: name, what } of grown) console.error(`${name}: ${what} grows`);
  if (!latencyIsFlat(result)) console.error('latency grows');
  if (result.failures.length > 0)
    console.error(`reads failed: ${[...new Set(result.failures)].slice(0, 5).join('; ')}`);
  failed = grown.length > 0 || !latencyIsFlat(result) || result.failures.length > 0;
} finally {
  await processes[Symbol.asyncDispose]();
  await engines[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);

async function soak(): Promise<SoakResult> {
  const { url } = processes.of('gateway');
  await using log = await openKafkaEventLog({ brokers: [engines.kafka.brokers], systemClock: createSystemClock() });
  const producer = startProducer(log, eventsPerSecond, seed, { users });
  const subscribers = visit(url, visitors, seed);
  await delay(warmMinutes * 60_000);
  const greatestReadsPerSecond = await greatestRate(url, 16, capacityMillis, seed);
  const readsPerSecond = readsWanted ?? greatestReadsPerSecond / 2;
  const rates = `${greatestReadsPerSecond.toFixed(0)} reads a second are possible; ${readsPerSecond.toFixed(0)}`;
  console.error(`${rates} for ${minutes} minutes`);
  const samples: Record<string, Sample[]> = Object.fromEntries(processNames.map((name) => [name, []]));
  const began = Date.now();
  const reads = readSteadily(url, readsPerSecond, seed);
  while (Date.now() - began < minutes * 60_000) {
    await delay(sampleMillis);
    const seconds = (Date.now() - began) / 1_000;
    for (const name of processNames) {
      samples[name]!.push(takeSample(processes.of(name).pid, seconds, await processes.metrics(name)));
    }
    if (process.stderr.isTTY) process.stderr.write(`\r${seconds.toFixed(0)} s of ${minutes * 60} s`);
  }
  await Promise.all([reads.stop(), subscribers.stop(), producer.stop()]);
  const whole = reads.millisOf.filter((one) => one.length > readsPerSecond * 30);
  return {
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD']).toString().trim(),
    seed,
    minutes,
    readsPerSecond,
    greatestReadsPerSecond,
    eventsPerSecond,
    visits: subscribers.visits,
    heard: subscribers.heard,
    reads: reads.millisOf.reduce((sum, one) => sum + one.length, 0),
    failures: reads.failures,
    samples,
    p50Millis: whole.map((one) => quantile(one, 0.5)),
    p99Millis: whole.map((one) => quantile(one, 0.99)),
  };
}
