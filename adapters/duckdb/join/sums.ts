import { extremesOf, type InputSlot } from './events.ts';
import { extremeName } from './extremes.ts';
import { checkPositions, createPlaces, placesBesideBounds } from './places.ts';
import type { AggregatePlan } from './plan.ts';

/**
 * Creates `sums`, the rows of `bounds` with the differences of running totals between the places of their bounds; and what extremes are
 * found by.
 */
export async function createSums({ session, windows, slots: { slots } }: AggregatePlan): Promise<void> {
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
    if (slot.needsOrder) columns.push(`${at('p0', `cn_${index}`)} AS top_${index}`);
    for (const [w] of windows.entries()) {
      const low = `p${w + 1}`;
      if (slot.needsOrder) columns.push(`${at(low, `cn_${index}`)} AS low_${index}_${w}`);
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
