import type { AggregatePlan } from './plan.ts';

/**
 * For first and last: events that count for a slot are numbered without gaps, and `totals` knows the numbers
 * of the last and, less one, of the first in each window. Creates the tables end_s(r, last_s) and end_s_w(r,
 * first_s_w); returns their names.
 */
export async function createEnds(plan: AggregatePlan): Promise<string[]> {
  const { session, windows, member, slots } = plan;
  const { accumulators } = member.view;
  const tables: string[] = [];
  const lookUp = async (table: string, slot: number, number: string, name: string) => {
    await session.run(
      `CREATE OR REPLACE TEMP TABLE ${table} AS SELECT b.r, e.x_${slot} AS ${name} FROM totals b JOIN events e ` +
        `ON e.cn_${slot} = ${number} WHERE e.e_${slot}`,
    );
    tables.push(table);
  };
  for (const [slot] of slots.slots.entries()) {
    const functions = accumulators.filter((_, index) => slots.slotOf[index] === slot).map((a) => a.definition.function);
    if (functions.includes('last')) await lookUp(`end_${slot}`, slot, `b.top_${slot}`, `last_${slot}`);
    if (!functions.includes('first')) continue;
    for (const [w] of windows.entries()) {
      await lookUp(`end_${slot}_${w}`, slot, `b.low_${slot}_${w} + 1`, `first_${slot}_${w}`);
    }
  }
  return tables;
}
