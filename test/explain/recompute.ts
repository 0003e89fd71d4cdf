import type {
  AggregatePart,
  AggregateTerm,
  ColumnPart,
  ComputedPart,
  ExplainedRecord,
  Explanation,
  WindowBounds,
} from '../../core/explain/explanation.ts';
import { compare, comparePlaces, read } from './printed-values.ts';
import { aggregate } from './recompute-aggregate.ts';
import { recomputeStep } from './recompute-steps.ts';

export interface Recomputed {
  readonly value: unknown;
  readonly status: string;
  readonly defaulted: boolean;
}

/**
 * The value of a feature from its printed explanation alone, whose records must all be listed. Each record's fate is
 * decided again from its printed times and columns, and must be the printed one. Shares no code with Asof.
 */
export function recompute(explanation: Explanation): Recomputed {
  const found = partValue(explanation);
  const isDefault = found.status !== 'PRESENT' && explanation.declaredDefault !== null;
  return {
    value: isDefault ? explanation.declaredDefault : found.value,
    status: found.status,
    defaulted: isDefault || found.fromDefault,
  };
}

interface Found {
  readonly value: unknown;
  readonly status: string;
  readonly fromDefault: boolean;
}

function partValue(explanation: Explanation): Found {
  switch (explanation.kind) {
    case 'column':
      return { ...columnValue(explanation), fromDefault: false };
    case 'aggregate':
    case 'ratio':
      return { ...windowValue(explanation), fromDefault: false };
    case 'computed':
      return computedValue(explanation);
  }
}

function statusOf(value: unknown): string {
  return value === null ? 'NULL' : 'PRESENT';
}

/** A derived feature, which has a source, is absent with its view, and then has a value only by virtue of a default. */
function computedValue({ expression, inputs, type, definition }: Explanation & ComputedPart): Found {
  const results = inputs.map((input) =>
    input.from === 'request'
      ? { value: input.value, defaulted: false, status: 'PRESENT' }
      : recompute(input.explanation),
  );
  const byName = Object.fromEntries(inputs.map(({ name }, index) => [name, results[index]!.value]));
  recomputeStep(expression, byName);
  if (expression.type !== type) throw new Error(`the expression has type ${expression.type}, the feature ${type}`);
  const fromDefault = results.some(({ defaulted }) => defaulted);
  const absent = results.find(({ status }) => status !== 'PRESENT' && status !== 'NULL')?.status;
  if (definition.source === null || absent === undefined) {
    return { value: expression.value, status: statusOf(expression.value), fromDefault };
  }
  return { value: fromDefault ? expression.value : null, status: absent, fromDefault };
}

interface Listed {
  readonly record: ExplainedRecord;
  readonly outcome: string;
}

function listed(groups: readonly { outcome: string; total: number; records: readonly ExplainedRecord[] }[]): Listed[] {
  return groups.flatMap(({ outcome, total, records }) => {
    if (records.length !== total) throw new Error(`${total - records.length} records are not listed as ${outcome}`);
    return records.map((record) => ({ record, outcome }));
  });
}

function expectOutcome({ record, outcome }: Listed, expected: string): void {
  if (outcome !== expected) throw new Error(`${record.place} is listed as ${outcome}, not as ${expected}`);
}

const time = (text: string | null): number => (text === null ? -Infinity : Date.parse(text));

function columnValue({ question, choice, rows, column }: Explanation & ColumnPart): Omit<Found, 'fromDefault'> {
  const [at, knownAt] = [time(question.at), time(question.knownAt)];
  const absent = (status: string) => ({ value: null, status });
  const all = listed(rows);
  const visible = all.filter(({ record }) => {
    const isKnown = !choice.knownAtRule || time(record.knownTime) <= knownAt;
    return time(record.eventTime) <= at && isKnown;
  });
  const ascending = visible.sort(
    ({ record: a }, { record: b }) =>
      time(a.eventTime) - time(b.eventTime) ||
      (a.knownTime === b.knownTime ? 0 : time(a.knownTime) - time(b.knownTime)) ||
      comparePlaces(a.place, b.place),
  );
  const winner = ascending.at(-1);
  for (const one of all) {
    if (one === winner) expectOutcome(one, 'winner');
    else if (visible.includes(one)) expectOutcome(one, 'superseded');
    else expectOutcome(one, time(one.record.eventTime) > at ? 'afterT' : 'notYetKnown');
  }
  if (winner === undefined || winner.record.deleted === true) return absent('NOT_FOUND');
  const age = at - time(winner.record.eventTime);
  if (choice.retentionMillis !== null && age > choice.retentionMillis) return absent('NOT_FOUND');
  if (choice.maxAgeMillis !== null && age > choice.maxAgeMillis) return absent('EXPIRED');
  const value = winner.record.columns[column] ?? null;
  return { value, status: statusOf(value) };
}

function windowValue({ kind, window, terms, question }: Explanation & AggregatePart): Omit<Found, 'fromDefault'> {
  if (window === null) {
    if (!Object.values(question.key).includes(null)) throw new Error('no window, yet the key is whole');
    return { value: null, status: 'NOT_FOUND' };
  }
  checkBounds(window, question);
  const values = terms.map((term) => termValue(term, window, question));
  const value = kind === 'ratio' ? quotient(values[0], values[1]) : values[0];
  return { value, status: statusOf(value) };
}

/** τ is t less the delay on the grain; the window starts its length before that, on its hop. */
function checkBounds(window: WindowBounds, { at }: Explanation['question']): void {
  const onto = (instant: number, step: string) => Math.floor(instant / millis(step)) * millis(step);
  const end = onto(time(at) - millis(window.delay), window.grain);
  if (end !== time(window.end)) throw new Error(`the window ends at ${window.end}`);
  if (window.hop === null) {
    if (window.start !== null || window.length !== 'lifetime') throw new Error('a window without a hop is lifetime');
  } else if (onto(end - millis(window.length), window.hop) !== time(window.start)) {
    throw new Error(`the window starts at ${window.start}`);
  }
}

function quotient(numerator: unknown, denominator: unknown): number | null {
  if (numerator === null || denominator === null) return null;
  const ratio = Number(numerator) / Number(denominator);
  return Number.isFinite(ratio) ? ratio + 0 : null;
}

function termValue(term: AggregateTerm, window: WindowBounds, question: Explanation['question']): unknown {
  const all = listed(term.events).sort((a, b) => comparePlaces(a.record.place, b.record.place));
  const inWindow = all.filter((one) => isInWindow(one, all, window, question));
  const fed = inWindow.filter((one) => isFed(term, one));
  const byAge = [...fed].sort(({ record: a }, { record: b }) => compareAge(window, a, b));
  const value = (events: readonly Listed[]): unknown => {
    const counted = events.filter(({ outcome }) => outcome === 'counted');
    const type = term.input?.type ?? '';
    const inputs = counted.map((one) => ({ input: read(type, one.record.input), rank: byAge.indexOf(one) }));
    return aggregate(term, inputs, events.length);
  };
  const result = term.by === null ? value(fed) : byCategory(term.by.cap, fed, value);
  if (JSON.stringify(result) !== JSON.stringify(term.value)) {
    throw new Error(`${term.role}: ${JSON.stringify(result)} was recomputed, ${JSON.stringify(term.value)} printed`);
  }
  return result;
}

function byCategory(cap: number, fed: readonly Listed[], value: (events: readonly Listed[]) => unknown): unknown {
  const names = [...new Set(fed.map(({ record }) => record.category!))].sort(compare);
  if (names.length === 0 || names.length > cap) return null;
  return Object.fromEntries(names.map((name) => [name, value(fed.filter(({ record }) => record.category === name))]));
}

function compareAge({ eventId }: WindowBounds, a: ExplainedRecord, b: ExplainedRecord): number {
  const byId =
    eventId === null ? comparePlaces(a.place, b.place) : compare(read(eventId.type, a.id), read(eventId.type, b.id));
  return time(a.eventTime) - time(b.eventTime) || byId;
}

/** Applies the window and the rules for counting again. */
function isInWindow(
  one: Listed,
  all: readonly Listed[],
  window: WindowBounds,
  question: Explanation['question'],
): boolean {
  const rule =
    outside(one.record, window) ??
    leftOutBy(one.record, window, question) ??
    (isRepeated(one, all, window, question) ? 'duplicate' : null);
  if (rule !== null) expectOutcome(one, rule);
  return rule === null;
}

function leftOutBy({ eventTime, knownTime }: ExplainedRecord, window: WindowBounds, question: Explanation['question']) {
  const lag = time(knownTime) - time(eventTime);
  if (question.mode === 'AS_SERVED' && time(knownTime) > time(question.knownAt)) return 'notYetKnown';
  if (lag > millis(window.lateness)) return 'tooLate';
  return -lag > millis(window.futureTolerance) ? 'tooFarAhead' : null;
}

/** An earlier place holds the same (event id, event time), and nothing but being repeated itself leaves it out. */
function isRepeated(
  one: Listed,
  all: readonly Listed[],
  window: WindowBounds,
  question: Explanation['question'],
): boolean {
  if (window.eventId === null) return false;
  const first = all.find(
    ({ record }) =>
      record.eventTime === one.record.eventTime &&
      JSON.stringify(record.id) === JSON.stringify(one.record.id) &&
      leftOutBy(record, window, question) === null,
  );
  if (first !== one && first?.record.place !== one.record.duplicateOf)
    throw new Error(`${one.record.place}: not of that`);
  return first !== one;
}

function outside({ eventTime }: ExplainedRecord, { start, end }: WindowBounds): string | null {
  if (time(eventTime) >= time(end)) return 'afterWindow';
  return start !== null && time(eventTime) < time(start) ? 'beforeWindow' : null;
}

/** Applies where, by and input again; true for what reaches the aggregate, be its input NULL. */
function isFed({ function: name, where, by, input }: AggregateTerm, one: Listed): boolean {
  const { columns, steps, ...record } = one.record;
  const passes = where === null || again(steps?.where, where.text, columns) === true;
  if (!passes) expectOutcome(one, 'filtered');
  if (!passes) return false;
  if (by !== null && (again(steps?.by, by.text, columns) ?? null) === null) {
    expectOutcome(one, 'noCategory');
    return false;
  }
  if (input === null) return true;
  const x = again(steps?.input, input.text, columns);
  if (JSON.stringify(x) !== JSON.stringify(record.input)) throw new Error(`${record.place} has another input`);
  const units = read(input.type, x);
  const isTooLarge = /^(var|stddev)/.test(name) && typeof units === 'bigint' && units ** 2n >= 2n ** 96n;
  expectOutcome(one, x === null ? 'nullInput' : isTooLarge ? 'tooLargeInput' : 'counted');
  return true;
}

/** An expression as printed: recomputed by its steps, or the column of that name. */
function again(
  step: Parameters<typeof recomputeStep>[0] | undefined,
  text: string,
  columns: Readonly<Record<string, unknown>>,
): unknown {
  if (step !== undefined) {
    recomputeStep(step, columns);
    return step.value;
  }
  if (!(text in columns)) throw new Error(`${text} is read, but neither a column nor steps are shown`);
  return columns[text];
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 6e4, h: 36e5, d: 864e5 };

function millis(duration: string): number {
  const [, count, unit] = /^(\d+)(ms|s|m|h|d)$/.exec(duration)!;
  return Number(count) * units[unit!]!;
}
