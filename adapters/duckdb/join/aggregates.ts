import { cellPlanOf } from '../../../core/cells/cell-plan.ts';
import { integer } from '../quoting.ts';
import { correctTotals } from './corrections.ts';
import { createEvents, eventSlots, extremesOf, type InputSlot } from './events.ts';
import { extremeName } from './extremes.ts';
import { featureSql } from './finish.ts';
import { createFrames } from './frames.ts';
import { findInFlight, greatestLead } from './in-flight.ts';
import { createKernelValues } from './kernels.ts';
import { createBounds, noKey, numberKeys, spineKeys } from './keys.ts';
import { createEnds } from './ordered.ts';
import { checkPositions, createPlaces, placesBesideBounds } from './places.ts';
import type { AggregateJoin, AggregatePlan } from './plan.ts';
import { eventRange, windowEndSql, windowStartSql, windowsOf } from './windows.ts';

/**
 * Creates `output`(r, vs, et, cs, v0, v1, …): one row per spine row, see `result.ts`. Steps, each a temporary table:
 *
 *   spine_keys                       see numberKeys
 *   bounds(r, kid, kn, u, l0, l1, …) u = τ, l_w = lower bound of window w
 *   events                           see createEvents
 *   places                           the last event before u and before each l_w
 *   sums(r, …)                       differences of running totals between those places
 *   flying                           pairs in flight
 *   totals(r, …)                     the sums without them
 *   frame_…, end_…                   minima, maxima and float sums; first and last
 *   kernel_values                    what SQL cannot hold, see createKernelValues
 */
export async function joinAggregates(join: AggregateJoin, output: string): Promise<void> {
  const { session, spine, member, mode } = join;
  const { view } = member;
  const windows = windowsOf(view);
  const slots = eventSlots(view, join.expressions);
  const keySql = await spineKeys(session, spine, member);
  await numberKeys(session, keySql);
  const tau = windowEndSql(view);
  const lower = windows.map((window, index) => `${windowStartSql(view, window, tau)} AS l${index}`);
  await createBounds(session, keySql, ['kn', `${tau} AS u`, ...lower]);
  const range = spine.bounds === null ? { from: 0, to: 0 } : eventRange(view, spine.bounds);
  await createEvents(session, member, join.history, slots, range);

  let hasInFlight = false;
  const longest = `l${windows.length - 1}`;
  if (mode === 'AS_SERVED') {
    const lead = await greatestLead(session, 'events');
    // An event later than known-at + lead is surely not known: cutting the windows there leaves fewer to take out.
    const cut = ['u', ...windows.map((_, w) => `l${w}`)].map(
      (bound) => `least(${bound}, kn + ${integer(lead + 1)}) AS ${bound}`,
    );
    if (Number(await session.one(`SELECT count(*) FROM bounds WHERE u > kn + ${integer(lead + 1)}`)) > 0) {
      await session.run(`CREATE OR REPLACE TEMP TABLE bounds AS SELECT * REPLACE (${cut.join(', ')}) FROM bounds`);
    }
    const carried = slots.slots.flatMap((slot, index) => [
      `e_${index}`,
      `cn_${index}`,
      ...(slot.needsValues || slot.needsSum ? [`x_${index}`] : []),
    ]);
    await session.run(
      `CREATE OR REPLACE TEMP VIEW reach AS SELECT *, ${longest} AS l FROM bounds WHERE kid <> ${noKey}`,
    );
    hasInFlight = await findInFlight(session, { records: 'events', rows: 'reach', carried });
  }
  const plan: AggregatePlan = { ...join, windows, slots, hasInFlight };
  await createSums(plan);
  if (hasInFlight) await correctTotals(plan);
  else await session.run('CREATE OR REPLACE TEMP VIEW totals AS FROM sums');
  const tables = [...(await createEnds(plan)), ...(await createFrames(plan)), ...(await createKernelValues(plan))];
  const joined = tables.map((table) => `LEFT JOIN ${table} USING (r)`).join(' ');
  const { reads } = cellPlanOf(view, member.features);
  const values = reads.map((index, place) => `, ${featureSql(plan, view.features[index]!)} AS v${place}`);
  await session.run(
    `CREATE TEMP TABLE ${output} AS SELECT r, CASE WHEN et IS NULL THEN 2 ELSE 0 END AS vs, et, ` +
      `CASE WHEN kid = ${noKey} THEN 2 ELSE 0 END AS cs${values.join('')} ` +
      `FROM (SELECT totals.*, CASE WHEN newest >= ${longest} THEN newest END AS et FROM totals) ${joined}`,
  );
  const inFlight = hasInFlight ? ['flying', 'fixes'] : [];
  for (const table of ['spine_keys', 'bounds', 'events', 'sums', ...inFlight, ...tables]) {
    await session.run(`DROP TABLE ${table} CASCADE`);
  }
}

/** For each bound the running totals at its place; the difference is what lies in the window. */
async function createSums({ session, windows, slots: { slots } }: AggregatePlan): Promise<void> {
  const sums = (slot: InputSlot) => [...(slot.needsSum ? ['cs'] : []), ...(slot.needsSquares ? ['cq'] : [])];
  const running = slots.flatMap((slot, index) => ['cn', ...sums(slot)].map((name) => `${name}_${index}`));
  const extremes = extremesOf(slots).map(extremeName);
  const edges = extremes.map(
    (name) => `CASE WHEN mark = 0 THEN e.behind_${name} ELSE e.ahead_${name} END AS edge_${name}`,
  );
  const carried = ['t', ...running].map((column) => `e.${column}`);
  await createPlaces(session, ['u', ...windows.map((_, w) => `l${w}`)], 'events', [...carried, ...edges]);
  const marks = windows.length + 1;
  await checkPositions(session, marks);
  const at = (table: string, column: string) => `coalesce(${table}.${column}, 0)`;
  const columns = ['b.*', 'p0.n', 'p0.t AS newest'];
  columns.push(...windows.map((_, w) => `p${w + 1}.n AS n_${w}`));
  for (const name of extremes) {
    columns.push(`p0.edge_${name} AS behind_${name}`);
    columns.push(...windows.map((_, w) => `p${w + 1}.edge_${name} AS ahead_${name}_${w}`));
  }
  for (const [index, slot] of slots.entries()) {
    columns.push(`${at('p0', `cn_${index}`)} AS top_${index}`);
    for (const [w] of windows.entries()) {
      const low = `p${w + 1}`;
      columns.push(`${at(low, `cn_${index}`)} AS low_${index}_${w}`);
      for (const name of ['cn', ...sums(slot)]) {
        columns.push(`${at('p0', `${name}_${index}`)} - ${at(low, `${name}_${index}`)} AS ${name}_${index}_${w}`);
      }
    }
  }
  await session.run(
    `CREATE OR REPLACE TEMP TABLE sums AS SELECT ${columns.join(', ')} FROM ${placesBesideBounds(marks)}`,
  );
  await session.run('DROP TABLE places');
}
