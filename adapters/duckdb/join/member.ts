import { cellPlanOf } from '../../../core/cells/cell-plan.ts';
import type { ServiceMember } from '../../../core/definitions/compiled.ts';

/**
 * What was read for a member, as it stands beside the spine `s` once `join` follows `FROM spine s`. All but `name` and
 * `join` are SQL: the view's status and that of its cells where it does not follow from NULL or not (else 0), both
 * numbers into `statusCodes` of result.ts, and its event time in milliseconds.
 */
export interface JoinedMember {
  readonly member: ServiceMember;
  /** Distinguishes it within its join. */
  readonly name: string;
  readonly join: string;
  readonly status: string;
  readonly eventTime: string;
  readonly cellStatus: string;
  /** Rows of history that are sorted by reading it. */
  readonly historyRows: number;
  /** Along the `reads` of the member's cell plan. */
  readonly values: readonly string[];
}

/** A member's column beside those of others. */
export function columnOf(member: string, column: string): string {
  return `${member}_${column}`;
}

/** A member whose values are in the table `name`(r, vs, et, cs, v0, v1, …), one row per spine row. */
export function memberOfTable(member: ServiceMember, name: string): JoinedMember {
  return {
    member,
    name,
    join: `JOIN ${name} ON ${name}.r = s.r`,
    status: `${name}.vs`,
    eventTime: `${name}.et`,
    cellStatus: `${name}.cs`,
    historyRows: 0,
    values: cellPlanOf(member.view, member.features).reads.map((_, place) => `${name}.v${place}`),
  };
}
