import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CheckedFlights, readFlights } from '../oracle/flights-check.ts';
import { type AsofProcess, startFlights, waitFor } from './asof-process.ts';
import { expectedDelays, flightsFile, readQuietly } from './flight-values.ts';

const sliceRows = 50_000;
const slice = { FLIGHTS_SLICE: String(sliceRows) };
const liveFrom = Date.parse('2001-06-01T00:00:00Z');
const minute = 60_000;
const hour = 60 * minute;

let folder: string;
let flights: CheckedFlights;
let asof: AsofProcess | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asof-kill-'));
  flights = await readFlights(flightsFile, { every: 3_000_000 / sliceRows });
});

afterAll(async () => {
  await asof?.stop('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

it('counts every event exactly once after kill -9 during backfill and during replay', async () => {
  const killedFilling = await startFlights(folder, { ...slice, FLIGHTS_SPEED: '20000' });
  await waitFor(async () => (killedFilling.output().includes('airport_facts') ? true : undefined), 60_000);
  await killedFilling.stop('SIGKILL');

  const killedReplaying = await startFlights(folder, { ...slice, FLIGHTS_SPEED: '20000' });
  await killedReplaying.ready(60_000);
  await waitFor(async () => ((await dataTime(killedReplaying)) > liveFrom + 36 * hour ? true : undefined), 60_000);
  await killedReplaying.stop('SIGKILL');

  asof = await startFlights(folder, { ...slice, FLIGHTS_SPEED: '60' });
  await asof.ready(60_000);
  const resumed = await dataTime(asof);
  expect(resumed).toBeGreaterThan(liveFrom + 36 * hour);
  // The flights that landed while nobody ran are sent first.
  await waitFor(async () => ((await dataTime(asof as AsofProcess)) > resumed + 2 * minute ? true : undefined), 30_000);

  const airports = await readQuietly(asof, [...flights.keys()]);
  for (const { iata, originDelays } of airports) {
    const { meta, ...values } = originDelays;
    const expected = expectedDelays(flights, { origin: iata }, Date.parse(meta.readAt));
    expect(values, `${iata} at ${meta.readAt}`).toEqual(expected);
  }
  const past = await asof.query<{ airports: { iata: string; asOf: { originDelays: { landed7d: number } } }[] }>(
    'query($iata: [String!]!, $time: DateTime!) { airports(iata: $iata) { iata asOf(time: $time) { originDelays { landed7d } } } }',
    { iata: [...flights.keys()], time: airports[0]!.originDelays.meta.readAt },
  );
  expect(past.airports.map(({ iata, asOf }) => [iata, asOf.originDelays.landed7d])).toEqual(
    airports.map(({ iata, originDelays }) => [iata, originDelays.landed7d]),
  );

  expect(await asof.stop('SIGINT')).toBe(0);
  asof = undefined;
}, 180_000);

async function dataTime(process: AsofProcess): Promise<number> {
  const { airport } = await process.query<{ airport: { originDelays: { meta: { readAt: string } } } }>(
    '{ airport(iata: "ATL") { originDelays { meta { readAt } } } }',
  );
  return Date.parse(airport.originDelays.meta.readAt);
}
