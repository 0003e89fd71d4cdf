import type { ExplainedRecord, RecordGroup } from './explanation.ts';

/** One record with its fate, before it is described. */
export interface Fated<Outcome extends string> {
  readonly outcome: Outcome;
  readonly isDecisive: boolean;
  describe(): ExplainedRecord;
}

/**
 * The records by outcome, in the order of `outcomes`; within a group in the order given. Of a group with more than
 * `limit` the first and the last are kept, and whatever is decisive.
 */
export function groupByOutcome<Outcome extends string>(
  outcomes: readonly Outcome[],
  records: readonly Fated<Outcome>[],
  limit: number,
): RecordGroup<Outcome>[] {
  return outcomes.flatMap((outcome) => {
    const all = records.filter((record) => record.outcome === outcome);
    if (all.length === 0) return [];
    const first = Math.ceil(limit / 2);
    const last = Math.max(first, all.length - Math.floor(limit / 2));
    const shown = all.filter(({ isDecisive }, index) => index < first || index >= last || isDecisive);
    return [{ outcome, total: all.length, records: shown.map((record) => record.describe()) }];
  });
}
