import { slotUnits } from './events.ts';
import type { AggregatePlan } from './plan.ts';

/**
 * Creates the view `totals` from `sums` by taking out the events in flight: subtracts them from counts and sums, and moves
 * the ends inward.
 *
 * A key's events are numbered without gaps, so the newest event that is known has the number N − j, where j of the
 * row's events in flight are N, N−1, …: the i-th of them, newest first, has the number N − i + 1 exactly while
 * there is no gap. The same holds from the other end, and per slot among the events that count for it.
 */
export async function correctTotals({
  session,
  windows,
  withViewStatus,
  slots: { slots },
}: AggregatePlan): Promise<void> {
  const ranks: string[] = [];
  const fixes: string[] = [];
  const corrected: string[] = [];
  let known = '';
  if (withViewStatus) {
    ranks.push('row_number() OVER (PARTITION BY f.r ORDER BY f.n DESC) AS rank');
    fixes.push('any_value(top_n) - count(*) FILTER (n = top_n - rank + 1) AS known_n');
    corrected.push('coalesce(known.t, newest) AS newest');
    known = 'LEFT JOIN (SELECT r, t FROM fixes JOIN events ON n = known_n) known USING (r)';
  }
  for (const [index, slot] of slots.entries()) {
    const counts = `e_${index}`;
    const units = slot.needsSum ? slotUnits(slot, index) : '';
    if (slot.needsOrder) {
      ranks.push(
        `count(*) FILTER (f.${counts}) OVER (PARTITION BY f.r ORDER BY f.n DESC ROWS UNBOUNDED PRECEDING) AS rank_${index}`,
      );
      fixes.push(`count(*) FILTER (${counts} AND cn_${index} = top_${index} - rank_${index} + 1) AS run_${index}`);
      corrected.push(`top_${index} - coalesce(run_${index}, 0) AS top_${index}`);
    }
    for (const [w] of windows.entries()) {
      const within = `${counts} AND t >= l${w}`;
      const place = `${index}_${w}`;
      fixes.push(`count(*) FILTER (${within}) AS fn_${place}`);
      corrected.push(`cn_${place} - coalesce(fn_${place}, 0) AS cn_${place}`);
      if (slot.needsSum) {
        fixes.push(`sum(${units}) FILTER (${within}) AS fs_${place}`);
        corrected.push(`cs_${place} - coalesce(fs_${place}, 0) AS cs_${place}`);
      }
      if (slot.needsSquares) {
        fixes.push(`sum(${units} * ${units}) FILTER (${within}) AS fq_${place}`);
        corrected.push(`cq_${place} - coalesce(fq_${place}, 0) AS cq_${place}`);
      }
      if (slot.needsOrder) {
        ranks.push(
          `count(*) FILTER (f.${counts} AND f.t >= b.l${w}) OVER (PARTITION BY f.r ORDER BY f.n ROWS UNBOUNDED PRECEDING) AS up_${place}`,
        );
        fixes.push(`count(*) FILTER (${within} AND cn_${index} = low_${place} + up_${place}) AS lift_${place}`);
        corrected.push(`low_${place} + coalesce(lift_${place}, 0) AS low_${place}`);
      }
    }
  }
  const bounds = [
    'n AS top_n',
    ...windows.map((_, w) => `l${w}`),
    ...slots.flatMap((slot, index) =>
      slot.needsOrder ? [`top_${index}`, ...windows.map((_, w) => `low_${index}_${w}`)] : [],
    ),
  ];
  await session.run(
    `CREATE OR REPLACE TEMP TABLE fixes AS SELECT ${['r', ...fixes].join(', ')} FROM ` +
      `(SELECT ${['f.*', 'b.* EXCLUDE (r)', ...ranks].join(', ')} FROM flying f JOIN (SELECT r, ${bounds.join(', ')} FROM sums) b USING (r)) ` +
      'GROUP BY r',
  );
  const replaced = corrected.length === 0 ? '' : `REPLACE (${corrected.join(', ')})`;
  await session.run(
    `CREATE OR REPLACE TEMP VIEW totals AS SELECT sums.* ${replaced} FROM sums LEFT JOIN fixes USING (r) ${known}`,
  );
}
