import { cellPlanOf } from '../../../core/cells/cell-plan.ts';
import type { ServiceMember } from '../../../core/definitions/compiled.ts';
import { integer } from '../quoting.ts';
import { spineKeys } from './keys.ts';
import type { JoinedMember } from './member.ts';
import type { RowJoin } from './row-records.ts';
import { createVersions } from './versions.ts';
import { winnersJoin } from './winners.ts';

/**
 * Joins a row view: for each spine row the winner of its key. Where every row is asked for what was known at its own
 * time, an as-of join finds it among the rows that ever won; else among all versions.
 *
 * @param name names what it makes, within the session
 */
export async function joinRows(join: RowJoin, name: string): Promise<JoinedMember> {
  const { session, spine, member } = join;
  const keySql = await spineKeys(session, spine, member);
  const found =
    member.view.knownAt && spine.hasKnownAt
      ? await createVersions(join, keySql, name)
      : await winnersJoin(join, keySql, name);
  return { member, name, ...found, ...servedSql(member, name) };
}

/** What a spine row `s` is served of the record beside it, which has t, deleted and x_<column>; all NULL = no record. */
function servedSql(
  member: ServiceMember,
  record: string,
): Pick<JoinedMember, 'status' | 'eventTime' | 'cellStatus' | 'values'> {
  const { view, features } = member;
  const maxAge = Math.min(
    view.maxAgeMillis ?? Number.POSITIVE_INFINITY,
    member.maxAgeMillis ?? Number.POSITIVE_INFINITY,
  );
  const age = `s.t - ${record}.t`;
  const cases = [`WHEN ${record}.deleted IS DISTINCT FROM false THEN 2`];
  if (view.retentionMillis !== null) cases.push(`WHEN ${age} > ${integer(view.retentionMillis)} THEN 2`);
  if (Number.isFinite(maxAge)) cases.push(`WHEN ${age} > ${integer(maxAge)} THEN 3`);
  const status = `CASE ${cases.join(' ')} ELSE 0 END`;
  return {
    status,
    eventTime: `CASE WHEN (${status}) <> 2 THEN ${record}.t END`,
    cellStatus: status,
    values: cellPlanOf(view, features).reads.map((index) => `CASE WHEN (${status}) = 0 THEN ${record}.x_${index} END`),
  };
}
