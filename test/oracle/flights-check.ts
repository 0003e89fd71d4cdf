import { DuckDBInstance, DuckDBTimestampValue } from '@duckdb/node-api';

/*
 * An independent check of the flights example: reads the Parquet file itself and recomputes windowed values with
 * plain loops. It imports nothing from the project on purpose, so it repeats the few rules that it checks:
 *
 * - a flight counts from landedAt = date + max(15, 30 + floor(distance / 8) + delay) minutes;
 * - a window at t ends before t rounded down to the second, and starts w earlier, rounded down to its step:
 *   1 minute for 1 h, 1 hour for 24 h, 6 hours for 7 d; the start is inclusive, the end exclusive;
 * - a flight is late when its delay is above 15 minutes.
 */

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** One flight, as the check needs it. */
export interface CheckedFlight {
  readonly origin: string;
  readonly destination: string;
  readonly delayMinutes: number;
  /** Milliseconds since the epoch, UTC. */
  readonly landedAt: number;
}

/** Flights by origin, each in the order in which they landed. */
export type CheckedFlights = ReadonlyMap<string, readonly CheckedFlight[]>;

/** The example's windowed features, and what it derives from them; null = NULL. */
export interface FlightFeatures {
  readonly landed_1h: number;
  readonly landed_24h: number;
  readonly landed_7d: number;
  readonly mean_delay_1h: number | null;
  readonly mean_delay_24h: number | null;
  readonly mean_delay_7d: number | null;
  readonly worst_delay_1h: number | null;
  readonly worst_delay_24h: number | null;
  readonly worst_delay_7d: number | null;
  readonly late_share_1h: number | null;
  readonly late_share_24h: number | null;
  readonly late_share_7d: number | null;
  readonly above_week_1h: number | null;
}

/**
 * Reads flights from the Parquet file.
 *
 * @param wanted only the `first` so many rows of the file, or every so manieth; absent: all 3,000,000
 */
export async function readFlights(
  file: string,
  wanted: { readonly first?: number; readonly every?: number } = {},
): Promise<CheckedFlights> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const { first = 3_000_000, every = 1 } = wanted;
  const result = await connection.stream(
    `SELECT date, delay, distance, origin, destination
     FROM read_parquet($1, file_row_number = true)
     WHERE file_row_number < $2 AND file_row_number % $3 = 0`,
    { 1: file, 2: Math.trunc(first), 3: Math.trunc(every) },
  );
  const byOrigin = new Map<string, CheckedFlight[]>();
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    for (const [date, delay, distance, origin, destination] of chunk.getRows()) {
      if (!(date instanceof DuckDBTimestampValue)) throw new TypeError('a flight without a date');
      const departure = Number(date.micros / 1000n);
      const delayMinutes = Number(delay);
      const flightMinutes = Math.max(15, 30 + Math.floor(Number(distance) / 8) + delayMinutes);
      const flight = {
        origin: String(origin),
        destination: String(destination),
        delayMinutes,
        landedAt: departure + flightMinutes * minute,
      };
      const flights = byOrigin.get(flight.origin);
      if (flights === undefined) byOrigin.set(flight.origin, [flight]);
      else flights.push(flight);
    }
  }
  connection.closeSync();
  instance.closeSync();
  for (const flights of byOrigin.values()) flights.sort((a, b) => a.landedAt - b.landedAt);
  return byOrigin;
}

/**
 * What the features of an airport (origin alone) or of a route (with a destination) must be at an instant.
 *
 * @param tMillis milliseconds since the epoch, UTC
 */
export function computeFlightFeatures(
  flights: CheckedFlights,
  key: { readonly origin: string; readonly destination?: string },
  tMillis: number,
): FlightFeatures {
  const ofKey = (flights.get(key.origin) ?? []).filter(
    (flight) => key.destination === undefined || flight.destination === key.destination,
  );
  const end = Math.floor(tMillis / 1000) * 1000;
  const landed = (start: number) => ofKey.filter((flight) => flight.landedAt >= start && flight.landedAt < end);
  const lastHour = landed(Math.floor((end - hour) / minute) * minute);
  const lastDay = landed(Math.floor((end - day) / hour) * hour);
  const lastWeek = landed(Math.floor((end - 7 * day) / (6 * hour)) * (6 * hour));
  return {
    landed_1h: lastHour.length,
    landed_24h: lastDay.length,
    landed_7d: lastWeek.length,
    mean_delay_1h: meanDelay(lastHour),
    mean_delay_24h: meanDelay(lastDay),
    mean_delay_7d: meanDelay(lastWeek),
    worst_delay_1h: worstDelay(lastHour),
    worst_delay_24h: worstDelay(lastDay),
    worst_delay_7d: worstDelay(lastWeek),
    late_share_1h: lateShare(lastHour),
    late_share_24h: lateShare(lastDay),
    late_share_7d: lateShare(lastWeek),
    above_week_1h: difference(meanDelay(lastHour), meanDelay(lastWeek)),
  };
}

function meanDelay(flights: readonly CheckedFlight[]): number | null {
  if (flights.length === 0) return null;
  let total = 0;
  for (const flight of flights) total += flight.delayMinutes;
  return total / flights.length;
}

function difference(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a - b;
}

function worstDelay(flights: readonly CheckedFlight[]): number | null {
  let worst: number | null = null;
  for (const flight of flights) {
    if (worst === null || flight.delayMinutes > worst) worst = flight.delayMinutes;
  }
  return worst;
}

function lateShare(flights: readonly CheckedFlight[]): number | null {
  if (flights.length === 0) return null;
  let late = 0;
  for (const flight of flights) if (flight.delayMinutes > 15) late += 1;
  return late / flights.length;
}
