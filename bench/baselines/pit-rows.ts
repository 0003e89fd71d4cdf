import { measureStatement, quoted, type SqlRequest } from './duckdb.ts';

/*
 * What a skilled user of DuckDB would write by hand. ASOF compares one instant, but which row is valid at t depends on
 * two: when it is dated and when it was written. So the rows are first reduced to those that win at the moment
 * they become visible, v = the later of both: the ones with the greatest (dated, written, place) of all that are visible
 * by then. One integer holds all three, so that one sort of each key's rows finds them. At most one is left for each
 * v, ASOF finds it without ties, and a tombstone that wins hides the values.
 */
interface Request extends SqlRequest {
  readonly spine: string;
  readonly sources: readonly { readonly name: string; readonly file: string }[];
  readonly output: string;
}

const request = JSON.parse(process.argv[2]!) as Request;
const features = ['x1', 'x2', 'x3'];

const visible = request.sources.map(
  ({ name, file }) => `${name} AS (
    SELECT customer, v, gone, ${features.join(', ')} FROM (
      SELECT *, greatest(dated, written) AS v,
        (epoch_ms(dated)::HUGEINT << 66) + (epoch_ms(written)::HUGEINT << 24) + file_row_number AS place
      FROM read_parquet(${quoted(file)}, file_row_number = true)
    ) QUALIFY place = max(place) OVER (PARTITION BY customer ORDER BY v)
  )`,
);
const columns = request.sources.flatMap(({ name }) =>
  features.map((feature) => `CASE WHEN NOT ${name}.gone THEN ${name}.${feature} END AS ${name}__${feature}`),
);
const joins = request.sources.map(
  ({ name }) => `ASOF LEFT JOIN ${name} ON ${name}.customer = s.customer AND ${name}.v <= s.asked`,
);
await measureStatement(
  request,
  `COPY (
    WITH s AS (FROM read_parquet(${quoted(request.spine)}, file_row_number = true)),
    ${visible.join(', ')}
    SELECT s.id, s.customer, s.asked, ${columns.join(', ')} FROM s ${joins.join(' ')} ORDER BY s.file_row_number
  ) TO ${quoted(request.output)} (FORMAT parquet, COMPRESSION zstd)`,
);
