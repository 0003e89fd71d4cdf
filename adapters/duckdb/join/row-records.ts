import { cellPlanOf } from '../../../core/cells/cell-plan.ts';
import { identifier, integer } from '../quoting.ts';
import type { JoinedMember } from './member.ts';
import type { AggregateJoin } from './plan.ts';
import type { LoadedSpine } from './spine.ts';

export type RowJoin = Omit<AggregateJoin, 'mode' | 'expressions' | 'withViewStatus'>;

/** How the spine `s` meets its records. */
export type FoundRows = Pick<JoinedMember, 'join' | 'historyRows'>;

/**
 * A query for the records of the view's source that can matter to the spine: k0, … (the key), t, a, o, p, f, deleted, and
 * for each of `view.columns` that is read its x_<index>.
 */
export function recordsSql({ spine, history, member: { view, features } }: RowJoin): string {
  const columns = cellPlanOf(view, features).reads.map(
    (index) => `${identifier(view.source.fields[view.columns[index]!]!.name)} AS x_${index}`,
  );
  const parts = view.key.map((part, index) => `${identifier(view.source.fields[part.column]!.name)} AS k${index}`);
  const system = ['__event_time AS t', '__known_time AS a', '__origin AS o', '__partition AS p', '__offset AS f'];
  return (
    `SELECT ${[...parts, ...system, '__deleted AS deleted', ...columns].join(', ')} FROM (${history}) ` +
    `WHERE __event_time <= ${integer(latestAsked(spine))}`
  );
}

/** The last instant that the spine asks for. */
export function latestAsked({ bounds }: LoadedSpine): number {
  return bounds?.maxTime ?? 0;
}
