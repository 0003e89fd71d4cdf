import { DuckDBInstance } from '@duckdb/node-api';

/*
 * What a join on the scheduled departure would have leaked. It reads the Parquet file itself, uses plain loops and
 * imports nothing from the project. For a flight that departs at t from an airport, the mean delay of the flights of
 * the last hour, day or week is computed twice:
 *
 * - honestly, over flights that had landed before t: their delay was known;
 * - naively, over flights with `date` (scheduled departure) before t, whether or not they had landed.
 */

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const windows = { '1h': hour, '24h': day, '7d': 7 * day } as const;

/** For one window, shares of the rows, 0 to 1. */
export interface Leak {
  readonly window: keyof typeof windows;
  /** The naive mean is built on at least one delay that nobody knew at t. */
  readonly builtOnUnknown: number;
  /** The naive mean is another number than the honest one. */
  readonly differs: number;
  /** Mean distance between the two in minutes, where both are numbers. */
  readonly errorMinutes: number;
}

interface Flight {
  readonly departure: number;
  readonly landedAt: number;
  readonly delay: number;
}

/** Over `rows` departures, evenly spread, of those among the file's `first` rows that have a week behind them. */
export async function measureLeaks(file: string, first: number, rows: number): Promise<readonly Leak[]> {
  const byOrigin = await readDepartures(file, first);
  const all = [...byOrigin.values()].flat().sort((a, b) => a.departure - b.departure);
  const asked = all.filter(({ departure }) => departure >= all[0]!.departure + 7 * day);
  const step = asked.length / rows;
  const spine = Array.from({ length: rows }, (_, index) => asked[Math.floor(index * step)]!);
  const originOf = new Map([...byOrigin].flatMap(([origin, flights]) => flights.map((flight) => [flight, origin])));
  return (Object.keys(windows) as (keyof typeof windows)[]).map((window) => {
    let builtOnUnknown = 0;
    let differs = 0;
    const errors: number[] = [];
    for (const asking of spine) {
      const t = asking.departure;
      const flights = byOrigin.get(originOf.get(asking)!)!;
      const within = (at: number): boolean => at >= t - windows[window] && at < t;
      const honest = flights.filter(({ landedAt }) => within(landedAt));
      const naive = flights.filter(({ departure }) => within(departure));
      if (naive.some(({ landedAt }) => landedAt >= t)) builtOnUnknown++;
      const [known, leaked] = [mean(honest.map(({ delay }) => delay)), mean(naive.map(({ delay }) => delay))];
      if (known !== leaked) differs++;
      if (known !== null && leaked !== null) errors.push(Math.abs(known - leaked));
    }
    return {
      window,
      builtOnUnknown: builtOnUnknown / rows,
      differs: differs / rows,
      errorMinutes: mean(errors) ?? 0,
    };
  });
}

async function readDepartures(file: string, first: number): Promise<Map<string, Flight[]>> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const byOrigin = new Map<string, Flight[]>();
  const result = await connection.stream(
    `SELECT epoch_ms(date)::DOUBLE, delay::DOUBLE, distance::DOUBLE, origin
     FROM read_parquet($1, file_row_number = true) WHERE file_row_number < $2`,
    { 1: file, 2: first },
  );
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    for (const [date, delay, distance, origin] of chunk.getRows()) {
      const departure = Number(date);
      const minutes = Math.max(15, 30 + Math.floor(Number(distance) / 8) + Number(delay));
      const flight = { departure, landedAt: departure + minutes * minute, delay: Number(delay) };
      const flights = byOrigin.get(String(origin));
      if (flights === undefined) byOrigin.set(String(origin), [flight]);
      else flights.push(flight);
    }
  }
  connection.closeSync();
  instance.closeSync();
  return byOrigin;
}

function mean(numbers: readonly number[]): number | null {
  if (numbers.length === 0) return null;
  return numbers.reduce((total, one) => total + one, 0) / numbers.length;
}
