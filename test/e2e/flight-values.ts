import { type CheckedFlights, computeFlightFeatures, type FlightFeatures } from '../oracle/flights-check.ts';
import { type AsofProcess, waitFor } from './asof-process.ts';

export const flightsFile = new URL('../../node_modules/vega-datasets/data/flights-3m.parquet', import.meta.url)
  .pathname;

/** The fields of an airport's or a route's delays, as the graph names them. */
export const delayFields = ['landed', 'meanDelay', 'worstDelay', 'lateShare']
  .flatMap((name) => ['1h', '24h', '7d'].map((window) => `${name}${window}`))
  .concat('aboveWeek1h');

export type DelayValues = Readonly<Record<string, number | null>>;

/** What the independent program says these fields must be. */
export function expectedDelays(
  flights: CheckedFlights,
  key: { origin: string; destination?: string },
  t: number,
): DelayValues {
  const features: FlightFeatures = computeFlightFeatures(flights, key, t);
  const entries = Object.entries(features).map(([name, value]) => [graphName(name), value]);
  return Object.fromEntries(entries) as DelayValues;
}

function graphName(feature: string): string {
  return feature.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

export interface AirportReading {
  readonly iata: string;
  readonly originDelays: DelayValues & { readonly meta: { readonly readAt: string } };
}

/**
 * Reads airports at an instant when nothing is in flight: flights land on the minute, so well inside one everything
 * that landed has been applied.
 */
export async function readQuietly(asof: AsofProcess, iata: readonly string[]): Promise<readonly AirportReading[]> {
  const query = `query($iata: [String!]!) {
    airports(iata: $iata) { iata originDelays { ${delayFields.join(' ')} meta { readAt } } }
  }`;
  return await waitFor(async () => {
    const { airports } = await asof.query<{ airports: AirportReading[] }>(query, { iata });
    const second = (Date.parse(airports[0]!.originDelays.meta.readAt) % 60_000) / 1_000;
    return second > 20 && second < 59 ? airports : undefined;
  }, 10_000);
}
