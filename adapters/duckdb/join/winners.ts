import { cellPlanOf } from '../../../core/cells/cell-plan.ts';
import { integer } from '../quoting.ts';
import { findRecordOrder } from './record-order.ts';
import { type FoundRows, latestAsked, type RowJoin, recordsSql } from './row-records.ts';
import { slicesOf } from './slices.ts';

/**
 * Joins the spine `s` as of each row's time with the records that win at the moment they become visible, as `name`.
 *
 * A record is visible from v, the later of its event time and its created time (its event time where the view serves
 * rows regardless of when they became known). It wins then when no record that is visible by then is valid from later:
 * by event time, then created time, then place. At any time the winner is the newest of these; of several that are
 * equal but for their places, the as-of join takes the last.
 */
export async function winnersJoin(join: RowJoin, keySql: readonly string[], name: string): Promise<FoundRows> {
  const { session, spine, member } = join;
  const { view, features } = member;
  const until = latestAsked(spine);
  const order = await findRecordOrder(session, recordsSql(join), until);
  const parts = keySql.map((_, index) => `k${index}`);
  const spineKeys = keySql.map((sql, index) => `${sql} AS k${index}`).join(', ');
  const ofSpine =
    parts.length === 0 ? '' : `SEMI JOIN (SELECT DISTINCT ${spineKeys} FROM spine) USING (${parts.join(', ')})`;
  const records = `SELECT *, ${view.knownAt ? 'greatest(t, a)' : 't'} AS v FROM (${recordsSql(join)})`;
  const partition = parts.length === 0 ? '' : `PARTITION BY ${parts.join(', ')} `;
  const kept = [...parts, 't', 'deleted', ...cellPlanOf(view, features).reads.map((index) => `x_${index}`)].join(', ');
  const winners =
    `SELECT ${kept}, ${order.visible('v')} AS visible FROM (SELECT *, ${order.validity} AS validity FROM (${records}) ` +
    `WHERE v <= ${integer(until)}) ${order.join} ${ofSpine} QUALIFY validity = max(validity) OVER (${partition}ORDER BY v)`;
  let relation = `(${winners})`;
  if (slicesOf(spine, order.count).length > 1) {
    relation = `${name}_winners`;
    await session.run(`CREATE TEMP TABLE ${relation} AS ${winners}`);
  }
  const sameKey = keySql.map((sql, index) => `${sql} = ${name}.k${index} AND `).join('');
  const on = `${sameKey}${order.visibleAt('s.t')} >= ${name}.visible`;
  return { join: `ASOF LEFT JOIN ${relation} ${name} ON ${on}`, historyRows: order.count };
}
