import { expect } from 'vitest';
import { readFlights } from '../oracle/flights-check.ts';
import { type AsofProcess, waitFor } from './asof-process.ts';
import { delayFields, flightsFile } from './flight-values.ts';

export const sliceRows = 20_000;

/** So slow that all processes read at the first second of June, however long they take. */
export const slice = { FLIGHTS_SLICE: String(sliceRows), FLIGHTS_SPEED: '0.0001' };

type Asker = Pick<AsofProcess, 'query'>;

const flights = () => readFlights(flightsFile, { every: 3_000_000 / sliceRows });

/** Pushes the same landings to both, and compares every airport's typed reads, now and in the past. */
export async function compareTypedReads(expected: Asker, found: Asker): Promise<void> {
  const landing = (flightId: number, origin: string, second: number) => ({
    ...{ flightId, origin, destination: 'ORD', delayMinutes: 7, distanceMiles: 606 },
    landedAt: `2001-05-31T23:59:${second}Z`,
  });
  const landed = [landing(9_000_001, 'ATL', 10), landing(9_000_002, 'ATL', 59), landing(9_000_003, 'ZZZ', 30)];
  const iata = [...(await flights()).keys(), 'ZZZ', 'nowhere'];
  const delays = `${delayFields.join(' ')} meta { status eventTime version cells { name status } }`;
  const query = `query($iata: [String!]!) {
    airports(iata: $iata) {
      iata originDelays { ${delays} view { name owner } } airportFacts { name city state latitude longitude meta { status } }
      asOf(time: "2001-05-20T12:00:00Z") { originDelays { ${delays} } airportFacts { name meta { status } } }
    }
    routes(keys: [{origin: "ATL", destination: "ORD"}, {origin: "LAX", destination: "SFO"}]) { routeDelays { ${delays} } }
    featureVectors(service: "delay_model", keys: {origin: ["ATL", "LAX"], destination: ["ORD", "SFO"]}, request: {distanceMiles: 606}) {
      names values statuses eventTimes
    }
  }`;
  const answers = [];
  for (const process of [expected, found]) {
    const before = await landedAtl(process);
    await push(process, landed);
    await waitFor(async () => ((await landedAtl(process)) === before + 2 ? true : undefined), 10_000);
    answers.push(await process.query<{ airports: object[] }>(query, { iata }));
  }
  expect(answers[1]!.airports).toHaveLength(iata.length);
  expect(answers[1]).toEqual(answers[0]);
}

/** Compares 10,000 reads of routes, of those that were flown and of others. */
export async function compareRoutes(expected: Asker, found: Asker): Promise<void> {
  const byOrigin = await flights();
  const airports = [...byOrigin.keys()];
  const keys = [...byOrigin].flatMap(([origin, ofOrigin]) =>
    [...new Set(ofOrigin.map(({ destination }) => destination))].map((destination) => ({ origin, destination })),
  );
  for (let index = 0; keys.length < 10_000; index++) {
    const [origin, destination] = [airports[index % airports.length]!, airports[(index * 7) % airports.length]!];
    keys.push({ origin, destination });
  }
  const query = `query($keys: [RouteKey!]!) {
    routes(keys: $keys) { origin destination routeDelays { ${delayFields.join(' ')} meta { status eventTime version } } }
  }`;
  const statuses = new Map<string, number>();
  for (let start = 0; start < keys.length; start += 500) {
    const [wanted, got] = await Promise.all(
      [expected, found].map((process) =>
        process.query<{ routes: { routeDelays: { meta: { status: string } } }[] }>(query, {
          keys: keys.slice(start, start + 500),
        }),
      ),
    );
    expect(got).toEqual(wanted);
    for (const { routeDelays } of got!.routes) {
      statuses.set(routeDelays.meta.status, (statuses.get(routeDelays.meta.status) ?? 0) + 1);
    }
  }
  expect([...statuses.values()].reduce((sum, count) => sum + count, 0)).toBe(10_000);
  expect(Math.min(statuses.get('PRESENT') ?? 0, statuses.get('NOT_FOUND') ?? 0)).toBeGreaterThan(500);
}

export async function push(process: Asker, events: readonly object[]): Promise<void> {
  await process.query(
    'mutation($events: [JSON!]!) { push(input: {source: "landings", events: $events}) { accepted } }',
    { events },
  );
}

export async function landedAtl(process: Asker): Promise<number> {
  const { airport } = await process.query<{ airport: { originDelays: { landed7d: number } } }>(
    '{ airport(iata: "ATL") { originDelays { landed7d } } }',
  );
  return airport.originDelays.landed7d;
}
