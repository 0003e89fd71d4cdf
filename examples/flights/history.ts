import { existsSync } from 'node:fs';
import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';

/** Where the history ends and the live part begins. */
export const liveFrom = Date.parse('2001-06-01T00:00:00Z');

/** By then the last flight of the file has landed. */
export const liveUntil = Date.parse('2001-07-01T09:00:00Z');

/**
 * The file has no landing time, so it is estimated: flying takes about one minute for each eight miles, taxiing half
 * an hour, and the arrival delay comes on top; at least a quarter of an hour in all.
 */
const landedAtSql = 'date + to_minutes(greatest(15, 30 + CAST(floor(distance / 8) AS BIGINT) + delay))';

export interface FlightFiles {
  /** The folder to which the definitions' batch paths are relative. */
  readonly folder: string;
  /** June in landing order, one event a row. */
  readonly replayFile: string;
}

/**
 * Writes the input of the example once: `landings/*.parquet` (January to May, in landing order), the file to replay
 * (June) and `airports.csv`. `sliceRows` keeps about that many of the 3,000,000 flights, evenly spread.
 */
export async function prepareFlights(folder: string, sliceRows: number | null): Promise<FlightFiles> {
  const files = { folder, replayFile: join(folder, 'replay.parquet') };
  if (existsSync(files.replayFile)) return files;
  const datasets = fileURLToPath(new URL('../data', import.meta.resolve('vega-datasets')));
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, 'landings'), { recursive: true });
  await copyFile(join(datasets, 'airports.csv'), join(folder, 'airports.csv'));

  const instance = await DuckDBInstance.create(':memory:', { memory_limit: '256MB', threads: '2' });
  const connection = await instance.connect();
  try {
    const step = sliceRows === null ? 1 : Math.max(1, Math.ceil(3_000_000 / sliceRows));
    await connection.run('SET preserve_insertion_order = true');
    await connection.run(`SET temp_directory = ${text(join(folder, 'tmp'))}`);
    await connection.run(
      `CREATE VIEW flights AS
       SELECT file_row_number AS "flightId", origin, destination, delay AS "delayMinutes", distance AS "distanceMiles",
              date AS "scheduledAt", ${landedAtSql} AS "landedAt"
       FROM read_parquet(${text(join(datasets, 'flights-3m.parquet'))}, file_row_number = true)
       WHERE file_row_number % ${step} = 0`,
    );
    const write = (where: string, file: string): Promise<unknown> =>
      connection.run(
        `COPY (SELECT * FROM flights WHERE ${where} ORDER BY "landedAt", "flightId") TO ${text(file)} (FORMAT parquet)`,
      );
    const live = `TIMESTAMP '2001-06-01'`;
    for (let month = 1; month <= 5; month++) {
      const within = `month("landedAt") = ${month} AND "landedAt" < ${live}`;
      await write(within, join(folder, 'landings', `2001-0${month}.parquet`));
    }
    await write(`"landedAt" >= ${live}`, `${files.replayFile}.partial`);
    await rename(`${files.replayFile}.partial`, files.replayFile);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  return files;
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
