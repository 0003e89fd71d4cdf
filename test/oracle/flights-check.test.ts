import { expect, test } from 'vitest';
import { type CheckedFlight, computeFlightFeatures, readFlights } from './flights-check.ts';

const file = new URL('../../node_modules/vega-datasets/data/flights-3m.parquet', import.meta.url).pathname;
const at = (time: string) => Date.parse(`2001-01-02T${time}Z`);

function landing(time: string, delayMinutes: number, destination = 'ORD'): CheckedFlight {
  return { origin: 'ATL', destination, delayMinutes, landedAt: at(time) };
}

test('reads when the first flights of the file landed', async () => {
  const flights = await readFlights(file, { first: 3 });
  // 00:01 LAS–PHL, 2176 miles, 33 minutes late: 30 + 272 + 33 minutes later.
  expect(flights.get('LAS')).toEqual([
    { origin: 'LAS', destination: 'PHL', delayMinutes: 33, landedAt: Date.parse('2001-01-01T05:36:00Z') },
  ]);
  // 00:01 ATL–SAV, 215 miles, 19 minutes late: 30 + 26 + 19 minutes later.
  expect(flights.get('ATL')?.[0]?.landedAt).toBe(Date.parse('2001-01-01T01:16:00Z'));
});

test('counts from the lower bound to just before the instant', () => {
  const flights = new Map([['ATL', [landing('09:00:00', 10), landing('09:30:00', 16), landing('10:00:00', 30)]]]);
  const key = { origin: 'ATL' };
  expect(computeFlightFeatures(flights, key, at('10:00:00')).landed_1h).toBe(2);
  expect(computeFlightFeatures(flights, key, at('10:00:59.999')).landed_1h).toBe(3);
  expect(computeFlightFeatures(flights, key, at('10:01:00'))).toMatchObject({
    landed_1h: 2,
    mean_delay_1h: 23,
    worst_delay_1h: 30,
    late_share_1h: 1,
    landed_24h: 3,
    late_share_24h: 2 / 3,
  });
});

test('a route counts its own flights, and an empty window has no mean', () => {
  const flights = new Map([['ATL', [landing('09:30:00', 16), landing('09:40:00', 4, 'SAV')]]]);
  expect(computeFlightFeatures(flights, { origin: 'ATL', destination: 'SAV' }, at('10:00:00'))).toMatchObject({
    landed_1h: 1,
    mean_delay_1h: 4,
    late_share_1h: 0,
  });
  expect(computeFlightFeatures(flights, { origin: 'XXX' }, at('10:00:00'))).toMatchObject({
    landed_7d: 0,
    mean_delay_7d: null,
    worst_delay_7d: null,
    late_share_7d: null,
  });
});
