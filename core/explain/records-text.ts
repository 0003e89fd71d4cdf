import { alignedColumns } from '../text/table.ts';
import type { ExplainedRecord, Explanation, RecordGroup } from './explanation.ts';
import { spanText } from './span-text.ts';
import { cellText, indented } from './steps-text.ts';

/** A table for each outcome. What lies beside a window is told in a line: it is no more than its neighbourhood. */
export function recordsText(groups: readonly RecordGroup[], explanation: Explanation): string[] {
  if (groups.length === 0) return ['no records of this key there'];
  return groups.map((group) => groupText(group, explanation));
}

function groupText(group: RecordGroup, explanation: Explanation): string {
  const { outcome, total, records } = group;
  const title = `${titleOf(outcome, explanation)} (${total})`;
  if (outcome === 'beforeWindow') return `${title}, the last at ${records.at(-1)?.eventTime ?? '…'}`;
  if (outcome === 'afterWindow') return `${title}, the first at ${records[0]?.eventTime ?? '…'}`;
  const hidden = total - records.length;
  const more = hidden === 0 ? '' : `\n  … ${hidden} more; --limit shows more of them, --all all`;
  return `${title}\n${indented(recordTable(records, explanation))}${more}`;
}

function titleOf(outcome: string, explanation: Explanation): string {
  const window = explanation.kind === 'aggregate' || explanation.kind === 'ratio' ? explanation.window : null;
  const { knownAt } = explanation.question;
  const titles: Readonly<Record<string, string>> = {
    winner: 'the row that wins',
    superseded: 'superseded, by event time, created time and place',
    afterT: 'in the future: valid only after the time asked for',
    notYetKnown: `not yet known: ${window === null ? 'created' : 'arrived'} after ${knownAt}`,
    counted: 'counted',
    nullInput: 'left out: the input is NULL',
    tooLargeInput: 'left out: the input is 2^48 units or more, too large for a variance',
    noCategory: 'left out: the category is NULL',
    filtered: 'left out by where: it is not TRUE',
    beforeWindow: `outside the window: in the ${window?.hop ?? ''} before it`,
    afterWindow: 'outside the window: at its end or later',
    duplicate: 'duplicates: an earlier place has the same event id and event time',
    tooFarAhead: `in the future: dated more than ${window?.futureTolerance} after the arrival`,
    tooLate: `late: arrived more than ${window?.lateness} after the event time`,
  };
  return titles[outcome] ?? outcome;
}

function recordTable(records: readonly ExplainedRecord[], explanation: Explanation): string {
  const known = explanation.kind === 'column' ? 'created' : 'arrived';
  const some = (pick: (record: ExplainedRecord) => unknown) => records.some((record) => pick(record) !== undefined);
  const names = [...new Set(records.flatMap(({ columns }) => Object.keys(columns)))];
  const has = {
    id: some(({ id }) => id),
    deleted: records.some(({ deleted }) => deleted === true),
    where: some(({ where }) => where),
    category: some(({ category, steps }) => steps?.by && category),
    input: some(({ steps }) => steps?.input),
    duplicateOf: some(({ duplicateOf }) => duplicateOf),
    decisive: some(({ decisive }) => decisive),
  };
  const header = [
    'event time',
    known,
    'place',
    ...(has.id ? ['id'] : []),
    ...names,
    ...(has.where ? ['where'] : []),
    ...(has.category ? ['by'] : []),
    ...(has.input ? ['input'] : []),
    ...(has.deleted ? ['deleted'] : []),
    ...(has.duplicateOf ? ['same as'] : []),
  ];
  const rows = records.map((record) => [
    record.eventTime,
    lagText(record),
    record.place,
    ...(has.id ? [cellText(record.id)] : []),
    ...names.map((name) => cellText(record.columns[name])),
    ...(has.where ? [cellText(record.where)] : []),
    ...(has.category ? [cellText(record.category)] : []),
    ...(has.input ? [cellText(record.input)] : []),
    ...(has.deleted ? [cellText(record.deleted)] : []),
    ...(has.duplicateOf ? [record.duplicateOf] : []),
    ...(has.decisive && record.decisive ? ['← the value'] : []),
  ]);
  return alignedColumns([header, ...rows]);
}

/** How long after the event time it became known. */
function lagText({ eventTime, knownTime }: ExplainedRecord): string {
  if (knownTime === null) return 'unknown';
  const lag = Date.parse(knownTime) - Date.parse(eventTime);
  if (lag === 0) return 'at once';
  return lag > 0 ? `+${spanText(lag)}` : `−${spanText(-lag)}`;
}
