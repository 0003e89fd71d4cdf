import { identifier, integer } from '../quoting.ts';
import type { AggregateJoin } from './aggregates.ts';
import { findInFlight, greatestLead } from './in-flight.ts';
import { hasNullKey, keyNames, partitionByKey, sameKey, spineKeys } from './keys.ts';

export type RowJoin = Omit<AggregateJoin, 'mode' | 'expressions'>;

/**
 * Creates `output`(r, vs, et, cs, v0, …) for a row view. A key's rows, tombstones included, are numbered by (event
 * time, created time, place); the winner is the newest one at or before t, less the run of those that are not yet
 * known at known-at (see corrections.ts).
 */
export async function joinRows({ session, spine, member, history }: RowJoin, output: string): Promise<void> {
  const { view } = member;
  const keys = keyNames(member);
  const keySql = await spineKeys(session, spine, member);
  const named = keySql.map((sql, index) => `${sql} AS k${index}`);
  // `u` is exclusive, and a row dated exactly t is valid at t.
  await session.run(
    `CREATE OR REPLACE TEMP TABLE bounds AS SELECT *, ${hasNullKey(keys, 'b')} AS nk FROM ` +
      `(SELECT ${['r', 't', 'kn', 't + 1 AS u', ...named].join(', ')} FROM spine) b`,
  );
  const columns = view.features.map((feature, index) => {
    if (feature.kind !== 'column') throw new TypeError(`${feature.name} is an aggregate of a row view`);
    return `${identifier(view.source.fields[feature.column]!.name)} AS x_${index}`;
  });
  const parts = view.key.map((part, index) => `${identifier(view.source.fields[part.column]!.name)} AS k${index}`);
  const system = ['__event_time AS t', '__known_time AS a', '__origin AS o', '__partition AS p', '__offset AS f'];
  const list = keys.join(', ');
  const ofSpine = keys.length === 0 ? '' : ` SEMI JOIN (SELECT DISTINCT ${list} FROM bounds) USING (${list})`;
  const over = `(${partitionByKey(keys)} ORDER BY t, a, o, p, f)`;
  await session.run(
    `CREATE OR REPLACE TEMP TABLE versions AS SELECT * EXCLUDE (o, p, f), row_number() OVER ${over} AS n, ` +
      `lead(t) OVER ${over} IS DISTINCT FROM t AS tie_end FROM (SELECT * FROM ` +
      `(SELECT ${[...parts, ...system, '__deleted AS deleted', ...columns].join(', ')} FROM (${history}) ` +
      `WHERE __event_time <= ${integer(spine.bounds?.maxTime ?? 0)})${ofSpine})`,
  );

  let hasInFlight = false;
  if (view.knownAt) {
    const lead = await greatestLead(session, 'versions');
    await session.run(
      `CREATE OR REPLACE TEMP TABLE bounds AS SELECT * REPLACE (least(u, kn + ${integer(lead + 1)}) AS u) FROM bounds`,
    );
    await session.run('CREATE OR REPLACE TEMP VIEW reach AS SELECT *, CAST(0 AS BIGINT) AS l FROM bounds WHERE NOT nk');
    hasInFlight = await findInFlight(session, { records: 'versions', rows: 'reach', keys, carried: [] });
  }
  const winners =
    `SELECT b.r, b.t AS asked, b.nk, ${keys.map((key) => `b.${key}, `).join('')}e.n FROM bounds b ASOF LEFT JOIN ` +
    `(SELECT * FROM versions WHERE tie_end) e ON ${sameKey(keys, 'b', 'e')} AND b.u > e.t`;
  await session.run(`CREATE OR REPLACE TEMP TABLE winners AS ${winners}`);
  if (hasInFlight) {
    await session.run(
      `CREATE OR REPLACE TEMP TABLE winners AS SELECT w.* REPLACE (w.n - coalesce(run, 0) AS n) FROM winners w LEFT JOIN (
         SELECT r, count(*) FILTER (n = top - rank + 1) AS run FROM (
           SELECT f.r, f.n, w.n AS top, row_number() OVER (PARTITION BY f.r ORDER BY f.n DESC) AS rank
           FROM flying f JOIN winners w USING (r)
         ) GROUP BY r
       ) USING (r)`,
    );
  }
  const maxAge = Math.min(
    view.maxAgeMillis ?? Number.POSITIVE_INFINITY,
    member.maxAgeMillis ?? Number.POSITIVE_INFINITY,
  );
  const tooOld = view.retentionMillis === null ? 'false' : `asked - e.t > ${integer(view.retentionMillis)}`;
  const expired = Number.isFinite(maxAge) ? `asked - e.t > ${integer(maxAge)}` : 'false';
  const status = `CASE WHEN e.n IS NULL OR e.deleted OR ${tooOld} THEN 2 WHEN ${expired} THEN 3 ELSE 0 END`;
  const values = member.features.map((index, place) => `CASE WHEN vs = 0 THEN x_${index} END AS v${place}`);
  await session.run(
    `CREATE TEMP TABLE ${output} AS SELECT r, vs, CASE WHEN vs <> 2 THEN t END AS et, vs AS cs` +
      `${values.map((value) => `, ${value}`).join('')} FROM (SELECT w.r, e.*, ${status} AS vs FROM winners w ` +
      `LEFT JOIN versions e ON ${sameKey(keys, 'w', 'e')} AND e.n = w.n)`,
  );
  for (const table of ['bounds', 'versions', 'winners']) await session.run(`DROP TABLE ${table} CASCADE`);
}
