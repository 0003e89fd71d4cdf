import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { quoted, runStatements } from './duckdb.ts';

export const cities = ['ATL', 'ORD', 'DFW', 'DEN', 'LAX', 'PHX', 'IAH', 'SFO', 'LAS', 'SEA'] as const;

/** Orders of 300 shops in 20 cities, one in 20 without a discount, as many without a price; by day over two years. */
export async function orders(folder: string, rows: number): Promise<string> {
  const target = join(folder, 'orders');
  const file = join(target, `orders-${rows}.parquet`);
  if (existsSync(file)) return file;
  await mkdir(target, { recursive: true });
  const known = cities.map((city) => `'${city}'`).join(', ');
  await runStatements(target, [
    `COPY (
      SELECT i AS id,
             CAST(hash(i, 1) % 100000 / 100 AS DECIMAL(10, 2)) AS amount,
             CASE WHEN hash(i, 2) % 20 > 0 THEN CAST(hash(i, 3) % 1000 / 100 AS DECIMAL(10, 2)) END AS discount,
             CAST(hash(i, 4) % 150 AS BIGINT) AS quantity,
             CASE WHEN hash(i, 5) % 20 > 0 THEN CAST(hash(i, 6) % 1000000 AS DOUBLE) / 7 END AS price,
             'Shop-' || hash(i, 7) % 300 AS shop,
             coalesce([${known}][CAST(1 + hash(i, 8) % 20 AS BIGINT)], 'X' || hash(i, 8) % 20) AS city,
             TIMESTAMP '2001-01-01' + to_milliseconds(CAST(hash(i, 9) % 63072000000 AS BIGINT)) AS ordered_at
      FROM range(${rows}) numbers(i)
    ) TO ${quoted(`${file}.unfinished`)} (FORMAT parquet)`,
  ]);
  await rename(`${file}.unfinished`, file);
  return file;
}
