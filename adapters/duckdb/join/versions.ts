import { cellPlanOf } from '../../../core/cells/cell-plan.ts';
import { integer } from '../quoting.ts';
import { findInFlight, greatestLead } from './in-flight.ts';
import { createBounds, noKey, numberKeys, ofSpineKeys } from './keys.ts';
import { createPlaces } from './places.ts';
import { findRecordOrder } from './record-order.ts';
import { type FoundRows, latestAsked, type RowJoin, recordsSql } from './row-records.ts';
import { addingTo, showSlice, slicesOf, wholeOf } from './slices.ts';

/**
 * Creates the table `name`(r, t, deleted, x_…), with the winner of each spine row that has one, and returns its join
 * with the spine `s`.
 *
 * All records are numbered by (key, event time, created time, place): the winner is the newest one at or before t, less
 * the run of those that are not yet known at known-at (see corrections.ts).
 */
export async function createVersions(join: RowJoin, keySql: readonly string[], name: string): Promise<FoundRows> {
  const { session, spine, member } = join;
  await numberKeys(session, keySql);
  const values = cellPlanOf(member.view, member.features).reads.map((index) => `x_${index}`);
  const records = recordsSql(join);
  const order = await findRecordOrder(session, records, latestAsked(spine));
  await session.run(
    `CREATE OR REPLACE TEMP TABLE sorted AS SELECT * FROM (${records}) ${order.join} ` +
      `${ofSpineKeys(keySql.map((_, index) => `k${index}`))} ORDER BY kid, ${order.validity}, ${order.place}`,
  );
  const isLast = '(lead(t) OVER () IS DISTINCT FROM t OR lead(kid) OVER () <> kid) AS is_last';
  const numbered = ['kid', 't', 'a', 'deleted', 'row_number() OVER () AS n', isLast, ...values];
  await session.run(`CREATE OR REPLACE TEMP TABLE versions AS SELECT ${numbered.join(', ')} FROM sorted`);
  await session.run('DROP TABLE sorted');
  const lead = await greatestLead(session, 'versions');
  const count = Number(await session.one('SELECT count(*) FROM versions'));
  for (const slice of slicesOf(spine, count)) {
    await showSlice(session, slice);
    // `u` is exclusive, and a row dated exactly t is valid at t.
    await createBounds(session, keySql, ['kn', 't + 1 AS u']);
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
    await session.run(
      `${addingTo(name, slice)} SELECT b.r, ${['t', 'deleted', ...values].map((column) => `e.${column}`).join(', ')} ` +
        'FROM bounds b JOIN places x USING (r) JOIN versions e ON e.n = x.n AND e.kid = b.kid',
    );
    for (const table of ['bounds', 'places']) await session.run(`DROP TABLE ${table} CASCADE`);
  }
  await showSlice(session, wholeOf(spine));
  for (const table of ['spine_keys', 'versions']) await session.run(`DROP TABLE ${table} CASCADE`);
  return { join: `LEFT JOIN ${name} ON ${name}.r = s.r`, historyRows: 0 };
}
