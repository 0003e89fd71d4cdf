import type { Session } from '../engine.ts';

/**
 * Records that happened before a spine row's upper bound but became known only after its known-at instant: "in
 * flight". They are few, so values are computed over all history and corrected by these.
 *
 * Where no row's bound is later than its known-at, a record is in flight for rows with a known-at between its event
 * time and its known time, which follow one another when the rows stand in the order of known-at: two as-of joins find the first
 * and the last of them. Rows whose bound is later by up to some gap are reached from that much before the event time;
 * they are put in classes by that gap, so that one row with a wide gap does not widen the search for all. A plain range join
 * would compare each row with its key's whole history.
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
  const classes = await session.all(
    `SELECT ${gapClass} AS class, greatest(max(u - kn), 0) FROM ${rows} GROUP BY class ORDER BY class`,
  );
  if (classes.length === 0) return false;
  await session.run(
    `CREATE OR REPLACE TEMP TABLE queue AS SELECT row_number() OVER () AS q, * FROM (
       SELECT ${lane(gapClass)} AS lane, kn, r, u, l FROM ${rows} ORDER BY lane, kn
     )`,
  );
  // An as-of join cannot choose among rows of the same instant.
  await session.run(
    'CREATE OR REPLACE TEMP TABLE moments AS SELECT lane, kn, min(q) AS head, max(q) AS tail FROM queue GROUP BY ALL',
  );
  const classList = classes.map(([number, gap]) => `(${number}, CAST(${gap} AS BIGINT))`).join(', ');
  const columns = ['n', 't', 'a', ...carried];
  await session.run(
    `CREATE OR REPLACE TEMP TABLE flying AS
     WITH late AS (
       SELECT n, ${lane('class')} AS lane, a, t - gap AS after
       FROM ${records}, (VALUES ${classList}) c(class, gap) WHERE a > t - gap
     ), reaching AS (
       SELECT e.n, e.lane, e.after, m.tail
       FROM late e ASOF JOIN moments m ON e.lane = m.lane AND e.a > m.kn WHERE m.kn > e.after
     ), stretches AS (
       SELECT e.n, m.head, e.tail FROM reaching e ASOF JOIN moments m ON e.lane = m.lane AND e.after < m.kn
     ), pairs AS (
       SELECT ${columns.map((column) => `e.${column}`).join(', ')}, unnest(range(s.head, s.tail + 1)) AS q
       FROM stretches s JOIN ${records} e USING (n)
     )
     SELECT b.r, p.* EXCLUDE (q) FROM pairs p JOIN queue b USING (q) WHERE p.t < b.u AND p.t >= b.l`,
  );
  for (const table of ['queue', 'moments']) await session.run(`DROP TABLE ${table}`);
  return Number(await session.one('SELECT count(*) FROM flying')) > 0;
}

/** Rows and records of one key and class: one integer sorts faster than two. */
function lane(gapClassSql: string): string {
  return `(CAST(kid AS BIGINT) * 32 + ${gapClassSql})`;
}

/** 0 where the bound is not later than known-at, else one class for each eightfold gap. */
const gapClass = 'CASE WHEN u <= kn THEN 0 ELSE 1 + CAST(floor(log2(u - kn) / 3) AS INTEGER) END';
