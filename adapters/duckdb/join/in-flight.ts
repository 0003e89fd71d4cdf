import type { Session } from '../engine.ts';

/**
 * Records that happened before a spine row's upper bound but became known only after its known-at instant: "in
 * flight". They are few, so values are computed over all history and corrected by these.
 *
 * A record of delay d = known − event time is in flight only while event time > known-at − d. Records are put in classes
 * by delay, each with its greatest delay, so that a class's candidates lie in a short range of event times; ranges
 * are matched by equal buckets no narrower than the range, at most two per row. A plain range join would compare each
 * row with its key's whole history.
 */
export interface InFlightTables {
  /** Has kid, t (event time), a (known time), n. */
  readonly records: string;
  /** Has r, kid, kn (known-at), u (exclusive upper bound of t), l (inclusive lower bound of t). */
  readonly rows: string;
  /** Other columns of `records` to carry along. */
  readonly carried: readonly string[];
}

/**
 * Records known no later than this long before their event time: the row's upper bound can be lowered to
 * known-at + this + 1, since anything later is surely in flight.
 */
export async function greatestLead(session: Session, records: string): Promise<number> {
  return Number(await session.one(`SELECT coalesce(greatest(max(t - a), 0), 0) FROM ${records}`));
}

/** Creates `flying(r, n, t, a, carried…)`: each pair of a spine row and a record in flight for it. False = none. */
export async function findInFlight(session: Session, tables: InFlightTables): Promise<boolean> {
  const { records, rows, carried } = tables;
  const columns = ['n', 't', 'a', ...carried];
  const classOf = (table: string) =>
    `CASE WHEN ${table}.a <= ${table}.t THEN 0 ELSE 1 + CAST(floor(log2(${table}.a - ${table}.t) / 3) AS INTEGER) END`;
  const classes = await session.all(
    `SELECT ${classOf('e')} AS class, greatest(max(e.a - e.t), 0) FROM ${records} e ` +
      `WHERE e.a > (SELECT min(kn) FROM ${rows}) GROUP BY class ORDER BY class`,
  );
  if (classes.length === 0) return false;
  const classList = classes.map(([number, delay]) => `(${number}, CAST(${delay} AS BIGINT))`).join(', ');
  await session.run(
    `CREATE OR REPLACE TEMP TABLE probes AS
     WITH ranges AS (
       SELECT r, kid, kn, u, c.class, greatest(s.kn - c.delay + 1, s.l, 0) AS lo
       FROM ${rows} s, (VALUES ${classList}) c(class, delay)
     ), sized AS (
       SELECT *, CAST(1 AS BIGINT) << (CAST(ceil(log2(u - lo)) AS INTEGER) + 1) AS width FROM ranges WHERE u > lo
     )
     SELECT *, lo // width AS bucket FROM sized
     UNION ALL
     SELECT *, (u - 1) // width AS bucket FROM sized WHERE (u - 1) // width <> lo // width`,
  );
  if (Number(await session.one('SELECT count(*) FROM probes')) === 0) return false;
  await session.run(
    `CREATE OR REPLACE TEMP TABLE flying AS
     WITH candidates AS (
       SELECT e.*, e.t // w.width AS bucket, w.width, w.class
       FROM ${records} e JOIN (SELECT DISTINCT class, width FROM probes) w ON ${classOf('e')} = w.class
     )
     SELECT p.r, ${columns.map((column) => `e.${column}`).join(', ')}
     FROM probes p JOIN candidates e
       ON e.class = p.class AND e.width = p.width AND e.bucket = p.bucket AND e.kid = p.kid
     WHERE e.t >= p.lo AND e.t < p.u AND e.a > p.kn`,
  );
  await session.run('DROP TABLE probes');
  return Number(await session.one('SELECT count(*) FROM flying')) > 0;
}
