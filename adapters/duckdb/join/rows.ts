import { identifier, integer } from '../quoting.ts';
import { findInFlight, greatestLead } from './in-flight.ts';
import { createBounds, noKey, numberKeys, ofSpineKeys, spineKeys } from './keys.ts';
import { createPlaces } from './places.ts';
import type { AggregateJoin } from './plan.ts';

export type RowJoin = Omit<AggregateJoin, 'mode' | 'expressions'>;

/**
 * Creates `output`(r, vs, et, cs, v0, …) for a row view. A key's rows, tombstones included, are numbered by (event
 * time, created time, place); the winner is the newest one at or before t, less the run of those that are not yet
 * known at known-at (see corrections.ts).
 */
export async function joinRows({ session, spine, member, history }: RowJoin, output: string): Promise<void> {
  const { view } = member;
  const keySql = await spineKeys(session, spine, member);
  await numberKeys(session, keySql);
  // `u` is exclusive, and a row dated exactly t is valid at t.
  await createBounds(session, keySql, ['t', 'kn', 't + 1 AS u']);
  const columns = view.features.map((feature, index) => {
    if (feature.kind !== 'column') throw new TypeError(`${feature.name} is an aggregate of a row view`);
    return `${identifier(view.source.fields[feature.column]!.name)} AS x_${index}`;
  });
  const parts = view.key.map((part, index) => `${identifier(view.source.fields[part.column]!.name)} AS k${index}`);
  const system = ['__event_time AS t', '__known_time AS a', '__origin AS o', '__partition AS p', '__offset AS f'];
  const until = integer(spine.bounds?.maxTime ?? 0);
  await session.run(
    'CREATE OR REPLACE TEMP TABLE sorted AS SELECT * FROM ' +
      `(SELECT ${[...parts, ...system, '__deleted AS deleted', ...columns].join(', ')} FROM (${history}) ` +
      `WHERE __event_time <= ${until}) ${ofSpineKeys(view.key.map((_, index) => `k${index}`))} ORDER BY kid, t, a, o, p, f`,
  );
  await session.run(
    'CREATE OR REPLACE TEMP TABLE versions AS SELECT kid, t, a, deleted, row_number() OVER () AS n, ' +
      `${view.features.map((_, index) => `x_${index}`).join(', ')} FROM sorted`,
  );
  await session.run('DROP TABLE sorted');

  let hasInFlight = false;
  if (view.knownAt) {
    const lead = await greatestLead(session, 'versions');
    await session.run(
      `CREATE OR REPLACE TEMP TABLE bounds AS SELECT * REPLACE (least(u, kn + ${integer(lead + 1)}) AS u) FROM bounds`,
    );
    await session.run(
      `CREATE OR REPLACE TEMP VIEW reach AS SELECT *, CAST(0 AS BIGINT) AS l FROM bounds WHERE kid <> ${noKey}`,
    );
    hasInFlight = await findInFlight(session, { records: 'versions', rows: 'reach', carried: [] });
  }
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
  const maxAge = Math.min(
    view.maxAgeMillis ?? Number.POSITIVE_INFINITY,
    member.maxAgeMillis ?? Number.POSITIVE_INFINITY,
  );
  const tooOld = view.retentionMillis === null ? 'false' : `b.t - e.t > ${integer(view.retentionMillis)}`;
  const expired = Number.isFinite(maxAge) ? `b.t - e.t > ${integer(maxAge)}` : 'false';
  const status = `CASE WHEN e.n IS NULL OR e.deleted OR ${tooOld} THEN 2 WHEN ${expired} THEN 3 ELSE 0 END`;
  const values = member.features.map((index, place) => `, CASE WHEN vs = 0 THEN x_${index} END AS v${place}`);
  await session.run(
    `CREATE TEMP TABLE ${output} AS SELECT r, vs, CASE WHEN vs <> 2 THEN t END AS et, vs AS cs${values.join('')} FROM ` +
      `(SELECT b.r, e.*, ${status} AS vs FROM bounds b LEFT JOIN places x USING (r) ` +
      'LEFT JOIN versions e ON e.n = x.n AND e.kid = b.kid)',
  );
  for (const table of ['spine_keys', 'bounds', 'versions', 'places']) await session.run(`DROP TABLE ${table} CASCADE`);
}
