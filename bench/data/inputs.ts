import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createDuckDbOfflineStore } from '../../adapters/duckdb/offline-store.ts';
import type { CompiledSource } from '../../core/definitions/compiled.ts';
import { importBatch } from '../../pipelines/materialize/import-batch.ts';
import { rowSourceNames, viewOf } from '../definitions.ts';
import { quoted, runStatements } from './duckdb.ts';

/** Parquet files as a user has them, and a store that imported them. */
export interface Inputs {
  readonly folder: string;
  /** The offline store's folder. */
  readonly store: string;
  readonly spill: string;
}

/**
 * Histories of three row sources: 100 customers for each 3,000 rows, half a year, a seventh of the rows written up to a
 * day after they are dated, in the order of writing; one in 50 a tombstone, one in 100 tied with another row's date, one
 * in 50 values NULL.
 */
export async function rowInputs(folder: string, rows: number): Promise<Inputs> {
  const customers = Math.ceil(rows / 30);
  return prepared(
    join(folder, `rows-${rows}`),
    rowSourceNames.map((name) => viewOf(name).source),
    (target) =>
      rowSourceNames.map((name, seed) => {
        const draw = (salt: number) => `hash(i, ${seed}, ${salt})`;
        return `COPY (
        SELECT customer, dated, written, gone, x1, x2, x3 FROM (
          SELECT CAST(${draw(1)} % ${customers} AS BIGINT) AS customer,
                 TIMESTAMP '2001-01-01' + to_milliseconds(CAST(CASE WHEN ${draw(2)} % 100 = 0
                   THEN ${draw(1)} % ${customers} * 1000 ELSE ${draw(3)} % 15552000000 END AS BIGINT)) AS dated,
                 dated + to_milliseconds(CAST(CASE WHEN ${draw(4)} % 7 = 0 THEN ${draw(5)} % 86400000 ELSE 0 END AS BIGINT)) AS written,
                 ${draw(6)} % 50 = 0 AS gone,
                 CASE WHEN ${draw(7)} % 50 > 0 THEN CAST(${draw(8)} % 1000000 AS BIGINT) END AS x1,
                 CASE WHEN ${draw(9)} % 50 > 0 THEN CAST(${draw(10)} % 1000000 AS DOUBLE) / 8 END AS x2,
                 CASE WHEN ${draw(11)} % 50 > 0 THEN 'v' || ${draw(12)} % 5000 END AS x3
          FROM range(${rows}) numbers(i)
        ) ORDER BY written, dated
      ) TO ${quoted(join(target, `${name}.parquet`))} (FORMAT parquet)`;
      }),
  );
}

/** Who is asked for when: `rows` rows of `rowInputs` with `sourceRows`; one customer in 100 is unknown. */
export async function rowSpine({ folder }: Inputs, rows: number, sourceRows: number): Promise<string> {
  const customers = Math.ceil(sourceRows / 30);
  return writtenOnce(join(folder, `spine-${rows}.parquet`), folder, (file) => [
    `COPY (
      SELECT i AS id, CAST(hash(i, 21) % ${Math.ceil(customers * 1.01)} AS BIGINT) AS customer,
             TIMESTAMP '2001-01-01' + to_milliseconds(CAST(hash(i, 22) % 15552000000 AS BIGINT)) AS asked
      FROM range(${rows}) numbers(i)
    ) TO ${file} (FORMAT parquet)`,
  ]);
}

/**
 * The flights of the first half of 2001 as events in the order of their arrival: a flight happens when it has landed
 * (see examples/flights/history.ts); nineteen in twenty arrive within two minutes, the others within three hours.
 * `step` keeps every so-manieth flight.
 */
export async function flightInputs(folder: string, step: number): Promise<Inputs> {
  const datasets = fileURLToPath(new URL('../data', import.meta.resolve('vega-datasets')));
  const file = quoted(join(datasets, 'flights-3m.parquet'));
  return prepared(join(folder, `flights-${step}`), [viewOf('origin_delays').source], (target) => [
    `COPY (
      SELECT flight, origin, delay, landed_at, arrived_at FROM (
        SELECT CAST(file_row_number AS BIGINT) AS flight, origin, CAST(delay AS BIGINT) AS delay,
               CAST(date + to_minutes(greatest(15, 30 + CAST(floor(distance / 8) AS BIGINT) + delay)) AS TIMESTAMP) AS landed_at,
               landed_at + to_seconds(CAST(hash(file_row_number, 1)
                 % CASE WHEN hash(file_row_number, 2) % 20 = 0 THEN 10800 ELSE 120 END AS BIGINT)) AS arrived_at
        FROM read_parquet(${file}, file_row_number = true) WHERE file_row_number % ${step} = 0
      ) ORDER BY arrived_at, flight
    ) TO ${quoted(join(target, 'landings.parquet'))} (FORMAT parquet)`,
  ]);
}

/** Airports and instants as skewed as the flights: each row is one of them, moved by up to an hour. */
export async function flightSpine({ folder }: Inputs, rows: number): Promise<string> {
  return writtenOnce(join(folder, `spine-${rows}.parquet`), folder, (file) => [
    `CREATE TABLE flights AS SELECT row_number() OVER () - 1 AS n, origin, landed_at
     FROM read_parquet(${quoted(join(folder, 'landings.parquet'))})`,
    `COPY (
      SELECT id, origin, landed_at - to_milliseconds(CAST(hash(id, 31) % 3600000 AS BIGINT)) AS asked
      FROM (SELECT i AS id, CAST(hash(i, 32) % (SELECT count(*) FROM flights) AS BIGINT) AS n FROM range(${rows}) numbers(i))
      JOIN flights USING (n) ORDER BY id
    ) TO ${file} (FORMAT parquet)`,
  ]);
}

/** Writes the files and imports them into a store, unless an earlier run did. */
async function prepared(
  folder: string,
  sources: readonly CompiledSource[],
  statementsFor: (target: string) => readonly string[],
): Promise<Inputs> {
  const inputs = { folder, store: join(folder, 'store'), spill: join(folder, 'spill') };
  const done = join(folder, 'prepared');
  if (existsSync(done) && (await holdsAll(inputs, sources))) return inputs;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  console.log(`Preparing ${folder}`);
  await runStatements(inputs.spill, statementsFor(folder));
  const store = await createDuckDbOfflineStore({ folder: inputs.store });
  const deadLetters = { put: async (letters: readonly object[]) => refuse(letters) };
  for (const source of sources) {
    await importBatch({ offline: store, deadLetters, baseFolder: folder }, source, {
      signal: new AbortController().signal,
      readBefore: new Map(),
      onRows: () => {},
    });
  }
  await store[Symbol.asyncDispose]();
  await writeFile(done, '');
  return inputs;
}

/** False for a store that another version of the program laid out differently. */
async function holdsAll({ store: folder }: Inputs, sources: readonly CompiledSource[]): Promise<boolean> {
  const store = await createDuckDbOfflineStore({ folder });
  try {
    for (const source of sources) if ((await store.durablePositions(source)).size === 0) return false;
    return true;
  } finally {
    await store[Symbol.asyncDispose]();
  }
}

function refuse(letters: readonly object[]): void {
  throw new Error(`a row of the input was refused: ${JSON.stringify(letters[0])}`);
}

async function writtenOnce(
  file: string,
  spill: string,
  statementsFor: (file: string) => readonly string[],
): Promise<string> {
  if (existsSync(file)) return file;
  await runStatements(spill, statementsFor(quoted(`${file}.unfinished`)));
  await rename(`${file}.unfinished`, file);
  return file;
}
