import type { CompiledFeature, CompiledView, SourceRecord } from '../definitions/compiled.ts';
import { comparePlaces } from '../oracle/order.ts';
import { formatDuration } from '../time/duration.ts';
import { formatInstant } from '../values/json.ts';
import { describeRecord } from './describe-record.ts';
import { type ColumnPart, type RowOutcome, rowOutcomes } from './explanation.ts';
import type { FeatureQuestion } from './question.ts';
import { groupByOutcome } from './record-groups.ts';
import { spanText } from './span-text.ts';
import type { Verdict } from './verdict.ts';

export type ColumnFeature = Extract<CompiledFeature, { readonly kind: 'column' }>;

/** @param rows of the key, all of them */
export function explainColumn(
  view: CompiledView,
  feature: ColumnFeature,
  rows: readonly SourceRecord[],
  question: FeatureQuestion,
): Verdict<ColumnPart> {
  const visible = rows.filter((row) => fateOf(view, row, question) === 'visible');
  const winner = visible.reduce<SourceRecord | null>(
    (best, row) => (best === null || compareRows(row, best) > 0 ? row : best),
    null,
  );
  const ageMillis = winner === null ? null : question.t - winner.eventTime;
  const limits = [view.maxAgeMillis, question.maxAgeMillis].filter((millis) => millis !== null);
  const maxAgeMillis = limits.length === 0 ? null : Math.min(...limits);
  const outcomeOf = (row: SourceRecord): RowOutcome => {
    const fate = fateOf(view, row, question);
    if (fate !== 'visible') return fate;
    return row === winner ? 'winner' : 'superseded';
  };
  const part: ColumnPart = {
    kind: 'column',
    column: view.source.fields[feature.column]!.name,
    choice: { knownAtRule: view.knownAt, ageMillis, maxAgeMillis, retentionMillis: view.retentionMillis },
    rows: groupByOutcome(
      rowOutcomes,
      rows.toSorted(compareRows).map((row) => ({
        outcome: outcomeOf(row),
        isDecisive: row === winner,
        describe: () => ({
          ...describeRecord(view.source, row, [feature.column]),
          ...(row === winner && { decisive: true as const }),
        }),
      })),
      question.limit,
    ),
  };
  return { tolerance: 0, part, ...decide(view, feature, winner, { ageMillis, maxAgeMillis, question }) };
}

type Decision = Omit<Verdict<ColumnPart>, 'part' | 'tolerance'>;

interface Age {
  readonly ageMillis: number | null;
  readonly maxAgeMillis: number | null;
  readonly question: FeatureQuestion;
}

/** What follows from the winner: a tombstone, retention and maxAge come before its value. */
function decide(
  { retentionMillis }: CompiledView,
  feature: ColumnFeature,
  winner: SourceRecord | null,
  { ageMillis, maxAgeMillis, question }: Age,
): Decision {
  const absent = (status: 'NOT_FOUND' | 'EXPIRED', reason: string): Decision => ({ value: null, status, reason });
  if (question.key.includes(null)) return absent('NOT_FOUND', 'a part of the key is NULL, and NULL matches nothing');
  if (winner === null || ageMillis === null)
    return absent('NOT_FOUND', 'no row of this key was valid and known by then');
  if (winner.deleted) return absent('NOT_FOUND', 'the row that wins is a tombstone: the key was deleted');
  if (retentionMillis !== null && ageMillis > retentionMillis) {
    return absent(
      'NOT_FOUND',
      `the row that wins is ${spanText(ageMillis)} old, past the retention of ${formatDuration(retentionMillis)}`,
    );
  }
  if (maxAgeMillis !== null && ageMillis > maxAgeMillis) {
    return absent(
      'EXPIRED',
      `the row that wins is ${spanText(ageMillis)} old, more than the maxAge of ${formatDuration(maxAgeMillis)}`,
    );
  }
  const value = winner.values[feature.column]!;
  const from = `the row of ${formatInstant(winner.eventTime)} wins`;
  if (value === null) return { value, status: 'NULL', reason: `${from}, and its column is NULL` };
  return { value, status: 'PRESENT', reason: from };
}

function fateOf(
  view: CompiledView,
  { eventTime, knownTime }: SourceRecord,
  { t, knownAt }: FeatureQuestion,
): 'visible' | 'afterT' | 'notYetKnown' {
  if (eventTime > t) return 'afterT';
  return view.knownAt && knownTime > knownAt ? 'notYetKnown' : 'visible';
}

/** The greatest (event time, created time, place) wins. */
function compareRows(a: SourceRecord, b: SourceRecord): number {
  return a.eventTime - b.eventTime || a.knownTime - b.knownTime || comparePlaces(a, b);
}
