import { cellPlanOf } from '../../../core/cells/cell-plan.ts';
import type { CompiledView } from '../../../core/definitions/compiled.ts';
import type { Session } from '../engine.ts';
import { identifier, integer } from '../quoting.ts';
import { findInFlight, greatestLead } from './in-flight.ts';
import { createBounds, noKey, numberKeys, ofSpineKeys, spineKeys } from './keys.ts';
import { createPlaces } from './places.ts';
import type { AggregateJoin } from './plan.ts';
import type { LoadedSpine } from './spine.ts';

export type RowJoin = Omit<AggregateJoin, 'mode' | 'expressions'>;

/**
 * Creates `output`(r, vs, et, cs, v0, …) for a row view: for each spine row the winner of its key. Where every row is
 * asked for what was known at its own time, an as-of join finds it among `winners`; else among all `versions`.
 */
export async function joinRows({ session, spine, member, history }: RowJoin, output: string): Promise<void> {
  const { view } = member;
  const keySql = await spineKeys(session, spine, member);
  await numberKeys(session, keySql);
  // `u` is exclusive, and a row dated exactly t is valid at t.
  await createBounds(session, keySql, ['t', 'kn', 't + 1 AS u']);
  const read = await recordsOfKeys(session, spine, view, history);
  const values = view.columns.map((_, index) => `x_${index}`);
  const found =
    view.knownAt && spine.hasKnownAt
      ? await findVersions(session, read, values)
      : await findWinners(session, view, read, values);
  const maxAge = Math.min(
    view.maxAgeMillis ?? Number.POSITIVE_INFINITY,
    member.maxAgeMillis ?? Number.POSITIVE_INFINITY,
  );
  const tooOld = view.retentionMillis === null ? 'false' : `b.t - e.t > ${integer(view.retentionMillis)}`;
  const expired = Number.isFinite(maxAge) ? `b.t - e.t > ${integer(maxAge)}` : 'false';
  const status = `CASE WHEN e.t IS NULL OR e.deleted OR ${tooOld} THEN 2 WHEN ${expired} THEN 3 ELSE 0 END`;
  const { reads } = cellPlanOf(view, member.features);
  const served = reads.map((index, place) => `, CASE WHEN vs = 0 THEN x_${index} END AS v${place}`);
  await session.run(
    `CREATE TEMP TABLE ${output} AS SELECT r, vs, CASE WHEN vs <> 2 THEN t END AS et, vs AS cs${served.join('')} FROM ` +
      `(SELECT b.r, e.*, ${status} AS vs FROM bounds b ${found.joins})`,
  );
  for (const table of ['spine_keys', 'bounds', ...found.tables]) await session.run(`DROP TABLE ${table} CASCADE`);
}

/** How `bounds b` meets its record `e`, which has t, deleted and the values; and the tables to drop afterwards. */
interface FoundRecords {
  readonly joins: string;
  readonly tables: readonly string[];
}

interface RecordsOfKeys {
  /** A query for the records of the spine's keys: kid, t, a, o, p, f, deleted, x_0, … */
  readonly sql: string;
  /** What orders records of one key, event time and created time: their places. */
  readonly placeOrder: string;
}

async function recordsOfKeys(
  session: Session,
  spine: LoadedSpine,
  view: CompiledView,
  history: string,
): Promise<RecordsOfKeys> {
  const columns = view.columns.map((column, index) => {
    return `${identifier(view.source.fields[column]!.name)} AS x_${index}`;
  });
  const parts = view.key.map((part, index) => `${identifier(view.source.fields[part.column]!.name)} AS k${index}`);
  const system = ['__event_time AS t', '__known_time AS a', '__origin AS o', '__partition AS p', '__offset AS f'];
  const until = integer(spine.bounds?.maxTime ?? 0);
  const sql =
    `SELECT * FROM (SELECT ${[...parts, ...system, '__deleted AS deleted', ...columns].join(', ')} FROM (${history}) ` +
    `WHERE __event_time <= ${until}) ${ofSpineKeys(view.key.map((_, index) => `k${index}`))}`;
  // Sorting by a text is dear, and most histories come from one place.
  const isOnePlace = await session.one(
    `SELECT min(__origin) = max(__origin) AND min(__partition) = max(__partition) FROM (${history})`,
  );
  return { sql, placeOrder: isOnePlace === true ? 'f' : 'o, p, f' };
}

/**
 * A record is visible from v, the later of its event time and its created time (its event time where the view serves
 * rows regardless of when they became known). Creates `winners`(kid, v, t, deleted, x_0, …), the records that win at
 * the moment they become visible: no record that was visible before has a later event time, and of those of the same v
 * it is the greatest. At any time the winner is then the newest of them, and no two of a key have the same v.
 *
 * Created times need no comparison across different v: of two with the same event time, the later created is visible later.
 */
async function findWinners(
  session: Session,
  view: CompiledView,
  { sql, placeOrder }: RecordsOfKeys,
  values: readonly string[],
): Promise<FoundRecords> {
  const order = `PARTITION BY kid ORDER BY v, t, a, ${placeOrder}`;
  await session.run(
    `CREATE OR REPLACE TEMP TABLE winners AS SELECT ${['kid', 'v', 't', 'deleted', ...values].join(', ')} FROM ` +
      `(SELECT *, ${view.knownAt ? 'greatest(t, a)' : 't'} AS v FROM (${sql})) ` +
      `QUALIFY t = max(t) OVER (${order} ROWS UNBOUNDED PRECEDING) AND lead(v) OVER (${order}) IS DISTINCT FROM v`,
  );
  return { joins: 'ASOF LEFT JOIN winners e ON b.kid = e.kid AND b.t >= e.v', tables: ['winners'] };
}

/**
 * Creates `versions`, all records numbered by (key, event time, created time, place), and `places`: the winner is the
 * newest one at or before t, less the run of those that are not yet known at known-at (see corrections.ts).
 */
async function findVersions(
  session: Session,
  { sql, placeOrder }: RecordsOfKeys,
  values: readonly string[],
): Promise<FoundRecords> {
  await session.run(`CREATE OR REPLACE TEMP TABLE sorted AS ${sql} ORDER BY kid, t, a, ${placeOrder}`);
  await session.run(
    `CREATE OR REPLACE TEMP TABLE versions AS SELECT kid, t, a, deleted, row_number() OVER () AS n, ${values.join(', ')} FROM sorted`,
  );
  await session.run('DROP TABLE sorted');
  const lead = await greatestLead(session, 'versions');
  await session.run(
    `CREATE OR REPLACE TEMP TABLE bounds AS SELECT * REPLACE (least(u, kn + ${integer(lead + 1)}) AS u) FROM bounds`,
  );
  await session.run(
    `CREATE OR REPLACE TEMP VIEW reach AS SELECT *, CAST(0 AS BIGINT) AS l FROM bounds WHERE kid <> ${noKey}`,
  );
  const hasInFlight = await findInFlight(session, { records: 'versions', rows: 'reach', carried: [] });
  await createPlaces(session, ['u'], 'versions', []);
  if (hasInFlight) {
    await session.run(
      `CREATE OR REPLACE TEMP TABLE places AS SELECT x.r, x.n - coalesce(run, 0) AS n FROM places x LEFT JOIN (
         SELECT r, count(*) FILTER (n = top - rank + 1) AS run FROM (
           SELECT f.r, f.n, x.n AS top, row_number() OVER (PARTITION BY f.r ORDER BY f.n DESC) AS rank
           FROM flying f JOIN places x USING (r)
         ) GROUP BY r
       ) USING (r)`,
    );
    await session.run('DROP TABLE flying');
  }
  const joins = 'LEFT JOIN places x USING (r) LEFT JOIN versions e ON e.n = x.n AND e.kid = b.kid';
  return { joins, tables: ['versions', 'places'] };
}
