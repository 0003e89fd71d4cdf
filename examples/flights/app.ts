import { pathToFileURL } from 'node:url';
import { createFlightsClient, type FlightsClient } from './client.ts';
import { graphql } from './generated/gql.ts';

const Airports = graphql(`
  query Airports($iata: [String!]!) {
    airports(iata: $iata) {
      iata
      airportFacts { name city }
      originDelays { landed1h meanDelay1h lateShare24h meta { status eventTime readAt } }
    }
  }
`);

const AirportChanges = graphql(`
  subscription AirportChanges($iata: [String!]!) {
    airportChanged(iata: $iata, initial: true) {
      iata
      originDelays { landed1h worstDelay24h meta { status readAt } }
    }
  }
`);

/** How late these airports run now, one line each. */
export async function describeAirports(client: FlightsClient, iata: readonly string[]): Promise<string[]> {
  const { airports } = await client.query(Airports, { iata: [...iata] });
  return airports.map((airport) => {
    const { landed1h, meanDelay1h, meta } = airport?.originDelays ?? {};
    const name = airport?.airportFacts?.name ?? 'unknown airport';
    const mean = meanDelay1h == null ? 'no delay known' : `${meanDelay1h.toFixed(1)} min late on average`;
    return `${airport?.iata} (${name}): ${landed1h ?? '?'} landed in the last hour, ${mean} [${meta?.status}]`;
  });
}

/** One line for each change, from the present values on, until the caller leaves. */
export async function* watchAirports(client: FlightsClient, iata: readonly string[]): AsyncGenerator<string> {
  for await (const { airportChanged } of client.subscribe(AirportChanges, { iata: [...iata] })) {
    const { landed1h, worstDelay24h, meta } = airportChanged?.originDelays ?? {};
    yield `${meta?.readAt} ${airportChanged?.iata}: ${landed1h} landed, worst delay today ${worstDelay24h ?? '–'} min`;
  }
}

/** `npx tsx examples/flights/app.ts [url]` */
async function main(url: string): Promise<void> {
  const client = createFlightsClient(url);
  const iata = ['ATL', 'ORD'];
  for (const line of await describeAirports(client, iata)) console.log(line);
  for await (const line of watchAirports(client, iata)) console.log(line);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await main(process.argv[2] ?? 'http://localhost:4000');
}
