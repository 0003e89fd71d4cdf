import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { createDuckDbOfflineStore } from '../../adapters/duckdb/offline-store.ts';
import { collectDefinitions } from '../../core/definitions/collect.ts';
import { compileDefinitions } from '../../core/registry/compile.ts';
import * as features from '../../examples/flights/features.ts';
import { liveFrom, prepareFlights } from '../../examples/flights/history.ts';
import { importBatch } from '../../pipelines/materialize/import-batch.ts';
import { joinReads, type PastRead } from '../../subgraphs/offline/past-reads.ts';
import {
  type CheckedFlight,
  computeFlightFeatures,
  type FlightFeatures,
  readFlights,
} from '../oracle/flights-check.ts';

const file = fileURLToPath(new URL('../../node_modules/vega-datasets/data/flights-3m.parquet', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'asof-leakage-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sliceRows = 8_000;
const minute = 60_000;

test('the offline store shows no delay before the flight has landed', async () => {
  const flights = await readFlights(file, { every: 3_000_000 / sliceRows });
  await prepareFlights(folder, sliceRows);
  const registry = compileDefinitions(collectDefinitions(features));
  const view = registry.views.get('origin_delays')!.at(-1)!;
  await using offline = await createDuckDbOfflineStore({ folder: join(folder, 'offline'), memoryLimit: '256MB' });
  await importBatch({ offline, deadLetters: { put: async () => {} }, baseFolder: folder }, view.source, {
    signal: new AbortController().signal,
    readBefore: new Map(),
    onRows: () => {},
  });

  const history = [...flights.values()].flat().filter(({ landedAt }) => landedAt < liveFrom);
  const sample = history.filter((_, index) => index % 61 === 0);
  const times = sample.flatMap((flight) => [
    // At least a quarter of an hour before it landed: it has departed.
    { flight, time: flight.landedAt - 15 * minute, hasLanded: false },
    { flight, time: flight.landedAt, hasLanded: false },
    { flight, time: flight.landedAt + 1_000, hasLanded: true },
  ]);
  const reads = times.map(
    ({ flight, time }): PastRead => ({ view, key: [flight.origin], time, knownAt: null, maxAgeMillis: null }),
  );
  const readings = await joinReads(offline, reads);
  expect(sample.length).toBeGreaterThan(100);
  for (const [index, { flight, time, hasLanded }] of times.entries()) {
    const served = Object.fromEntries(view.features.map(({ name }, at) => [name, plain(readings[index]!.values[at])]));
    const [withIt, withoutIt] = [expected(flight, time, true), expected(flight, time, false)];
    expect(served, `${flight.origin} at ${new Date(time).toISOString()}`).toEqual(hasLanded ? withIt : withoutIt);
    if (hasLanded) expect(withIt.landed_1h).toBe(withoutIt.landed_1h + 1);
  }

  /** What an airport's features are in a world with or without this one flight. */
  function expected(flight: CheckedFlight, time: number, exists: boolean): FlightFeatures {
    const others = flights.get(flight.origin)!.filter((one) => exists || one !== flight);
    return computeFlightFeatures(new Map([[flight.origin, others]]), { origin: flight.origin }, time);
  }
});

function plain(value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

describe('docs/pitfalls/leakage.md', () => {
  const page = readFileSync(new URL('../../docs/pitfalls/leakage.md', import.meta.url), 'utf8');
  const command = /^```sh\n(.*)\n```$/m.exec(page)![1]!.split(' ');

  test('quotes what its command prints: a join on the departure leaks into nearly every row', () => {
    const [program, ...args] = command;
    expect(program).toBe('npx');
    const printed = execFileSync('npx', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trimEnd();
    console.log(printed);
    expect(page).toContain(`\n${printed}\n`);
    const rows = printed.split('\n').slice(2);
    expect(rows).toHaveLength(3);
    for (const row of rows) {
      const [leaking, other] = [...row.matchAll(/([\d.]+) %/g)].map(([, share]) => Number(share));
      expect(leaking).toBeGreaterThan(50);
      expect(other).toBeGreaterThan(50);
    }
  }, 60_000);
});
