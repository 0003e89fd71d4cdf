import type { ServiceMember } from '../../../core/definitions/compiled.ts';
import type { JoinMode } from '../../../core/ports/offline-store.ts';
import type { Session } from '../engine.ts';
import type { ExpressionCompiler } from '../expression-function.ts';
import { integer } from '../quoting.ts';
import { correctTotals } from './corrections.ts';
import { createEvents, type EventSlots, eventSlots, type InputSlot } from './events.ts';
import { createExtremes } from './extremes.ts';
import { featureSql, refuseUnsupported } from './finish.ts';
import { findInFlight, greatestLead } from './in-flight.ts';
import { hasNullKey, keyNames, sameKey, spineKeys } from './keys.ts';
import { createEnds } from './ordered.ts';
import type { LoadedSpine } from './spine.ts';
import { eventRange, windowEndSql, windowStartSql, windowsOf } from './windows.ts';

export interface AggregateJoin {
  readonly session: Session;
  readonly spine: LoadedSpine;
  readonly member: ServiceMember;
  readonly mode: JoinMode;
  /** A query for the source's history. */
  readonly history: string;
  readonly expressions: ExpressionCompiler;
}

/** Everything the steps of one aggregate join share. */
export interface AggregatePlan extends AggregateJoin {
  readonly keys: readonly string[];
  /** Milliseconds, null = lifetime, the longest last. */
  readonly windows: readonly (number | null)[];
  readonly slots: EventSlots;
  readonly hasInFlight: boolean;
}

/**
 * Creates `output`(r, vs, et, cs, v0, v1, …): one row per spine row, see `MemberOutput`. Steps, each a temporary table:
 *
 *   bounds(r, nk, k…, kn, u, l0, l1, …)     u = τ, l_w = lower bound of window w
 *   events                                   see createEvents
 *   totals(r, …, n, pt, n_s_w, s_s_w, …)     two as-of joins over running totals: at u and at l_w
 *   flying                                   pairs in flight; totals are corrected by them
 *   mm_…                                     minima, maxima and float sums over RANGE frames
 */
export async function joinAggregates(join: AggregateJoin, output: string): Promise<void> {
  const { session, spine, member, mode } = join;
  const { view } = member;
  refuseUnsupported(view);
  const keys = keyNames(member);
  const windows = windowsOf(view);
  const slots = eventSlots(view, join.expressions);
  const keySql = await spineKeys(session, spine, member);
  const named = keySql.map((sql, index) => `${sql} AS k${index}`);
  const lower = windows.map((window, index) => `${windowStartSql(view, window, 'tau')} AS l${index}`);
  await session.run(
    'CREATE OR REPLACE TEMP TABLE bounds AS SELECT *, tau AS u FROM (SELECT *, ' +
      `${[`${hasNullKey(keys, 'b')} AS nk`, ...lower].join(', ')} FROM ` +
      `(SELECT ${['r', 'kn', `${windowEndSql(view)} AS tau`, ...named].join(', ')} FROM spine) b)`,
  );
  const range = spine.bounds === null ? { from: 0, to: 0 } : eventRange(view, spine.bounds);
  await createEvents(session, member, join.history, slots, range);

  let hasInFlight = false;
  if (mode === 'AS_SERVED') {
    const lead = await greatestLead(session, 'events');
    // An event later than known-at + lead is surely not known: cutting the window there leaves fewer to take out.
    const lowered = windows.map((_, w) => `, least(l${w}, kn + ${integer(lead + 1)}) AS l${w}`).join('');
    await session.run(
      `CREATE OR REPLACE TEMP TABLE bounds AS SELECT * REPLACE (least(u, kn + ${integer(lead + 1)}) AS u${lowered}) FROM bounds`,
    );
    const carried = slots.slots.flatMap((slot, index) => [
      `e_${index}`,
      `cn_${index}`,
      ...(slot.needsValues || slot.needsSum ? [`x_${index}`] : []),
    ]);
    const longest = `l${windows.length - 1}`;
    await session.run(`CREATE OR REPLACE TEMP VIEW reach AS SELECT *, ${longest} AS l FROM bounds WHERE NOT nk`);
    hasInFlight = await findInFlight(session, { records: 'events', rows: 'reach', keys, carried });
  }
  const plan: AggregatePlan = { ...join, keys, windows, slots, hasInFlight };
  await createTotals(plan);
  if (hasInFlight) await correctTotals(plan);
  const tables = [...(await createEnds(plan)), ...(await createExtremes(plan))];
  const joined = tables.map((table) => `LEFT JOIN ${table} USING (r)`).join(' ');
  const values = member.features.map((index, place) => `${featureSql(plan, view.features[index]!)} AS v${place}`);
  const longest = `l${windows.length - 1}`;
  await session.run(
    `CREATE TEMP TABLE ${output} AS SELECT r, CASE WHEN et IS NULL THEN 2 ELSE 0 END AS vs, et, ` +
      `CASE WHEN nk THEN 2 ELSE 0 END AS cs${values.map((value) => `, ${value}`).join('')} ` +
      `FROM (SELECT totals.*, CASE WHEN newest >= ${longest} AND NOT nk THEN newest END AS et FROM totals) ${joined}`,
  );
  for (const table of ['bounds', 'events', 'totals', ...tables]) await session.run(`DROP TABLE ${table} CASCADE`);
}

/**
 * Two as-of joins per bound over the running totals: what lies before u, less what lies before l_w. The right sides
 * hold one row per key and instant, so ties cannot matter.
 */
async function createTotals({ session, keys, windows, slots: { slots } }: AggregatePlan): Promise<void> {
  const sums = (slot: InputSlot) => [...(slot.needsSum ? ['cs'] : []), ...(slot.needsSquares ? ['cq'] : [])];
  const running = slots.flatMap((slot, index) => ['cn', ...sums(slot)].map((name) => `${name}_${index}`));
  const at = (table: string, column: string) => `coalesce(${table}.${column}, 0)`;
  const columns = ['b.*', 'coalesce(p.n, 0) AS n', 'p.t AS newest'];
  for (const [index, slot] of slots.entries()) {
    columns.push(`${at('p', `cn_${index}`)} AS top_${index}`);
    for (const [w] of windows.entries()) {
      columns.push(`${at(`q${w}`, `cn_${index}`)} AS low_${index}_${w}`);
      for (const name of ['cn', ...sums(slot)]) {
        columns.push(`${at('p', `${name}_${index}`)} - ${at(`q${w}`, `${name}_${index}`)} AS ${name}_${index}_${w}`);
      }
    }
  }
  const right = `(SELECT ${[...keys, 't', 'n', ...running].join(', ')} FROM events WHERE tie_end)`;
  const asOf = (table: string, bound: string) =>
    `ASOF LEFT JOIN ${right} ${table} ON ${sameKey(keys, 'b', table)} AND b.${bound} > ${table}.t`;
  const joins = [asOf('p', 'u'), ...windows.map((_, w) => asOf(`q${w}`, `l${w}`))];
  await session.run(
    `CREATE OR REPLACE TEMP TABLE totals AS SELECT ${columns.join(', ')} FROM bounds b ${joins.join(' ')}`,
  );
}
