import { cellPlanOf } from '../../../core/cells/cell-plan.ts';
import { integer } from '../quoting.ts';
import { correctTotals } from './corrections.ts';
import { createEvents, eventSlots } from './events.ts';
import { featureSql } from './finish.ts';
import { createFrames } from './frames.ts';
import { findInFlight, greatestLead } from './in-flight.ts';
import { createKernelValues } from './kernels.ts';
import { createBounds, noKey, numberKeys, spineKeys } from './keys.ts';
import { createEnds } from './ordered.ts';
import type { AggregateJoin, AggregatePlan, HistoryPlan } from './plan.ts';
import { addingTo, type Slice, showSlice, slicesOf, wholeOf } from './slices.ts';
import { createSums } from './sums.ts';
import { eventRange, windowEndSql, windowStartSql, windowsOf } from './windows.ts';

/**
 * Creates `output`(r, vs, et, cs, v0, v1, …): one row per spine row, see `memberOfTable`. Steps, each a temporary table:
 *
 *   spine_keys                       see numberKeys
 *   events                           see createEvents
 *
 * and for each slice of the spine
 *
 *   bounds(r, kid, kn, u, l0, l1, …) u = τ, l_w = lower bound of window w
 *   flying                           pairs in flight
 *   places                           the last event before u and before each l_w
 *   sums(r, …)                       differences of running totals between those places
 *   totals(r, …)                     the sums without what is in flight
 *   frame_…, end_…                   minima, maxima and float sums; first and last
 *   kernel_values                    what SQL cannot hold, see createKernelValues
 */
export async function joinAggregates(join: AggregateJoin, output: string): Promise<void> {
  const { session, spine, member, mode } = join;
  const { view } = member;
  const slots = eventSlots(view, join.expressions);
  const keySql = await spineKeys(session, spine, member);
  await numberKeys(session, keySql);
  const range = spine.bounds === null ? { from: 0, to: 0 } : eventRange(view, spine.bounds);
  await createEvents(session, member, join.history, slots, range);
  const lead = mode === 'AS_SERVED' ? await greatestLead(session, 'events') : null;
  const plan: HistoryPlan = { ...join, windows: windowsOf(view), slots, keySql, lead };
  const events = Number(await session.one('SELECT count(*) FROM events'));
  for (const slice of slicesOf(spine, events)) {
    await showSlice(session, slice);
    await joinSlice(plan, slice, output);
  }
  await showSlice(session, wholeOf(spine));
  for (const table of ['spine_keys', 'events']) await session.run(`DROP TABLE ${table} CASCADE`);
}

async function joinSlice(history: HistoryPlan, slice: Slice, output: string): Promise<void> {
  const { session, member, windows, withViewStatus } = history;
  const { view } = member;
  const hasInFlight = await findBounds(history);
  const plan: AggregatePlan = { ...history, hasInFlight };
  await createSums(plan);
  if (hasInFlight) await correctTotals(plan);
  else await session.run('CREATE OR REPLACE TEMP VIEW totals AS FROM sums');
  const tables = [...(await createEnds(plan)), ...(await createFrames(plan)), ...(await createKernelValues(plan))];
  const joined = tables.map((table) => `LEFT JOIN ${table} USING (r)`).join(' ');
  const { reads } = cellPlanOf(view, member.features);
  const values = reads.map((index, place) => `, ${featureSql(plan, view.features[index]!)} AS v${place}`);
  const eventTime = `CASE WHEN newest >= l${windows.length - 1} THEN newest END`;
  const viewStatus = withViewStatus
    ? `CASE WHEN ${eventTime} IS NULL THEN 2 ELSE 0 END AS vs, ${eventTime} AS et`
    : 'NULL AS vs, NULL AS et';
  await session.run(
    `${addingTo(output, slice)} SELECT r, ${viewStatus}, ` +
      `CASE WHEN kid = ${noKey} THEN 2 ELSE 0 END AS cs${values.join('')} FROM totals ${joined}`,
  );
  const inFlight = hasInFlight ? ['flying', 'fixes'] : [];
  for (const table of ['bounds', 'sums', ...inFlight, ...tables]) await session.run(`DROP TABLE ${table} CASCADE`);
}

/** Creates `bounds` and, where there are any, `flying`; tells whether there are. */
async function findBounds({ session, member, windows, slots, keySql, lead }: HistoryPlan): Promise<boolean> {
  const tau = windowEndSql(member.view);
  const lower = windows.map((window, index) => `${windowStartSql(member.view, window, tau)} AS l${index}`);
  await createBounds(session, keySql, ['kn', `${tau} AS u`, ...lower]);
  if (lead === null) return false;
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
  const longest = `l${windows.length - 1}`;
  await session.run(`CREATE OR REPLACE TEMP VIEW reach AS SELECT *, ${longest} AS l FROM bounds WHERE kid <> ${noKey}`);
  return findInFlight(session, { records: 'events', rows: 'reach', carried });
}
