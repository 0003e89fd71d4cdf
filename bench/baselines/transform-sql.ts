import { measureStatement, quoted, type SqlRequest } from './duckdb.ts';

/* What a user of DuckDB would write: no bounds are checked, and text goes by Unicode. */
interface Request extends SqlRequest {
  readonly input: string;
  readonly output: string;
  readonly cities: readonly string[];
}

const { input, output, cities, ...limits } = JSON.parse(process.argv[2]!) as Request;
const known = cities.map((city) => `'${city}'`).join(', ');

await measureStatement(
  limits,
  `CREATE TABLE computed AS
    SELECT id,
           amount - coalesce(discount, 0.00) AS net,
           price * quantity AS revenue,
           greatest(1, least(100, quantity)) AS items,
           CAST(CASE WHEN quantity < 1 THEN 0 WHEN quantity < 2 THEN 1 WHEN quantity < 5 THEN 2
                     WHEN quantity < 10 THEN 3 WHEN quantity < 50 THEN 4 ELSE 5 END AS BIGINT) AS size,
           CAST(list_position([${known}], city) - 1 AS BIGINT) AS place,
           lower(shop) AS shop,
           hour(ordered_at) AS hour
    FROM orders`,
  {
    before: `CREATE TABLE orders AS FROM read_parquet(${quoted(input)})`,
    after: `COPY computed TO ${quoted(output)} (FORMAT parquet)`,
  },
);
