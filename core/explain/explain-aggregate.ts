import type { CompiledView, SourceRecord } from '../definitions/compiled.ts';
import { valueToDouble } from '../values/integers.ts';
import type { Value } from '../values/types.ts';
import { type ExplainedTerm, explainTerm } from './aggregate-term.ts';
import type { AggregatePart, AggregateTerm } from './explanation.ts';
import { judgeEvents } from './judge-events.ts';
import type { FeatureQuestion } from './question.ts';
import { roundingOf } from './rounding.ts';
import type { Verdict } from './verdict.ts';
import { describeWindow, tilesRead, type WindowedFeature, windowAt } from './window.ts';

/** @param events of the key, in place order; at least those whose event times its window looks at */
export function explainAggregate(
  view: CompiledView,
  feature: WindowedFeature,
  events: readonly SourceRecord[],
  question: FeatureQuestion,
): Verdict<AggregatePart> {
  const { kind } = feature;
  if (question.key.includes(null)) {
    const reason = 'a part of the key is NULL, and NULL matches nothing';
    return { value: null, status: 'NOT_FOUND', tolerance: 0, reason, part: { kind, window: null, terms: [] } };
  }
  const window = windowAt(view, feature, question.t);
  const { start, end } = window.looked;
  const looked = events.filter(({ eventTime }) => (start === null || eventTime >= start) && eventTime < end);
  const judged = judgeEvents(view, looked, question, window);
  const explained = (accumulator: number, role: AggregateTerm['role']): ExplainedTerm => {
    const tiles = tilesRead(view, accumulator, window, question.t);
    return explainTerm({ view, accumulator: view.accumulators[accumulator]!, role, tiles }, judged, question.limit);
  };
  const terms =
    feature.kind === 'ratio'
      ? [explained(feature.numerator, 'numerator'), explained(feature.denominator, 'denominator')]
      : [explained(feature.accumulator, 'value')];
  const value = kind === 'ratio' ? quotient(terms[0]!.value, terms[1]!.value) : terms[0]!.value;
  return {
    value,
    status: value === null ? 'NULL' : 'PRESENT',
    tolerance: roundingOf(terms, value),
    reason: reasonOf(terms, value),
    part: { kind, window: describeWindow(view, window), terms: terms.map(({ term }) => term) },
  };
}

/** x/0 is NULL, and so is a ratio of NULL. */
function quotient(numerator: Value, denominator: Value): Value {
  if (numerator === null || denominator === null) return null;
  const divisor = valueToDouble(denominator);
  const ratio = divisor === 0 ? Number.NaN : valueToDouble(numerator) / divisor;
  return Number.isFinite(ratio) ? ratio + 0 : null;
}

function reasonOf(terms: readonly ExplainedTerm[], value: Value): string {
  const [first, second] = terms.map(({ term, counted }) => `${callText(term)} over ${countText(term, counted.length)}`);
  if (second === undefined) {
    const { term, counted } = terms[0]!;
    return value === null && counted.length > 0
      ? `${first} has no value: ${missingText(term, counted.length)}`
      : first!;
  }
  const quotientText = value === null ? ', which has no value: the divisor is 0, or one of them is NULL' : '';
  return `${first}, divided by ${second}${quotientText}`;
}

/** `avg(delayMinutes) where delayMinutes > 15 by carrier`. */
export function callText({ function: name, parameters, input, where, by }: AggregateTerm): string {
  const { k, q, cap } = parameters;
  const args = [input?.text, k ?? q ?? (cap === undefined ? undefined : `cap ${cap}`)].filter(
    (arg) => arg !== undefined,
  );
  return `${name}(${args.join(', ')})${where ? ` where ${where.text}` : ''}${by ? ` by ${by.text}` : ''}`;
}

function countText({ events }: AggregateTerm, counted: number): string {
  const beside: readonly string[] = ['counted', 'beforeWindow', 'afterWindow'];
  const leftOut = events.reduce((sum, { outcome, total }) => (beside.includes(outcome) ? sum : sum + total), 0);
  return `${counted === 1 ? '1 event' : `${counted} events`}${leftOut === 0 ? '' : `, ${leftOut} left out`}`;
}

function missingText({ function: name, by, type }: AggregateTerm, counted: number): string {
  if (by !== null) return `there are more than ${by.cap} categories`;
  if (/Samp$/.test(name) && counted === 1) return 'a sample of one has no spread';
  return `the result is outside ${type}`;
}
