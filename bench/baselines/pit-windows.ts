import { measureStatement, quoted, type SqlRequest } from './duckdb.ts';

/*
 * The range join: each row meets the events of its longest window, and all windows are computed from those. This is what
 * templates of feature stores and most tutorials write. Windows end before the row's second and begin on a whole step:
 * 1 minute, 1 hour and 6 hours for windows of 1 h, 24 h and 7 d.
 */
interface Request extends SqlRequest {
  readonly spine: string;
  /** The first so many rows of the spine. */
  readonly rows: number;
  readonly events: string;
  /** Events count only once they had arrived, or as if they had arrived at once. */
  readonly asServed: boolean;
  readonly output: string;
}

const { spine, rows, events, asServed, output, ...limits } = JSON.parse(process.argv[2]!) as Request;

const windows = [
  { name: '1h', start: `time_bucket(INTERVAL '1 minute', tau - INTERVAL '1 hour')` },
  { name: '24h', start: `time_bucket(INTERVAL '1 hour', tau - INTERVAL '24 hours')` },
  { name: '7d', start: `time_bucket(INTERVAL '6 hours', tau - INTERVAL '7 days', TIMESTAMP '1970-01-01')` },
];
const within = (name: string) => `FILTER (e.landed_at >= s.from_${name})`;
const columns = [
  ...windows.map(({ name }) => `count(e.landed_at) ${within(name)} AS origin_delays__landed_${name}`),
  ...windows.map(({ name }) => `avg(e.delay) ${within(name)} AS origin_delays__mean_delay_${name}`),
  ...windows.map(({ name }) => `max(e.delay) ${within(name)} AS origin_delays__worst_delay_${name}`),
  ...windows.map(
    ({ name }) =>
      `count(*) FILTER (e.landed_at >= s.from_${name} AND e.delay > 15) ` +
      `/ nullif(count(e.landed_at) ${within(name)}, 0) AS origin_delays__late_share_${name}`,
  ),
];
await measureStatement(
  limits,
  `COPY (
    WITH numbered AS (
      SELECT *, date_trunc('second', asked) AS tau FROM read_parquet(${quoted(spine)}, file_row_number = true)
      WHERE file_row_number < ${rows}
    ), s AS (
      SELECT *, ${windows.map(({ name, start }) => `${start} AS from_${name}`).join(', ')} FROM numbered
    )
    SELECT s.id, s.origin, s.asked, ${columns.join(', ')}
    FROM s LEFT JOIN read_parquet(${quoted(events)}) e
      ON e.origin = s.origin AND e.landed_at >= s.from_7d AND e.landed_at < s.tau
      ${asServed ? 'AND e.arrived_at <= s.asked' : ''}
    GROUP BY s.file_row_number, s.id, s.origin, s.asked ORDER BY s.file_row_number
  ) TO ${quoted(output)} (FORMAT parquet, COMPRESSION zstd)`,
);
