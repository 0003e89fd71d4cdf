import { alignedColumns } from '../text/table.ts';
import { callText } from './explain-aggregate.ts';
import type {
  AggregatePart,
  AggregateTerm,
  ColumnPart,
  ComputedPart,
  Explanation,
  ServedValue,
} from './explanation.ts';
import { recordsText } from './records-text.ts';
import { spanText } from './span-text.ts';
import { indented, isNested, stepsText } from './steps-text.ts';

/** An explanation for people: value and status first, then why, then the records that account for it. */
export function explanationText(explanation: Explanation): string {
  const parts = [
    `${headText(explanation)}\n${explanation.reason}`,
    ...findings(explanation),
    alignedColumns(facts(explanation)),
  ];
  return [...parts, ...partTexts(explanation)].join('\n\n');
}

function headText({ feature, value, status, defaulted, type }: Explanation): string {
  return `${feature} = ${JSON.stringify(value)}  ${status}${defaulted ? ', defaulted' : ''}  (${type})`;
}

/** What stores answer differently, before everything else. */
function findings({ served, value, status }: Explanation): string[] {
  const wrong = served.filter(({ agrees }) => !agrees);
  if (wrong.length === 0) return [];
  const lines = wrong.map(
    (one) =>
      `!! ${one.store} serves ${servedText(one)}, but its records account for ${JSON.stringify(value)} ${status}.`,
  );
  return [
    [...lines, '!! This is a fault of Asof, or records were changed by hand. Please report it with --json --all.'].join(
      '\n',
    ),
  ];
}

function servedText({ value, status }: ServedValue): string {
  return `${JSON.stringify(value)} ${status}`;
}

function facts(explanation: Explanation): string[][] {
  const { question, definition, served } = explanation;
  const { key, request, at, knownAt, mode } = question;
  const source = definition.source === null ? '' : `, source ${definition.source}`;
  const agreeing = served.filter(({ agrees }) => agrees).map(({ store }) => store);
  return [
    ...(Object.keys(key).length === 0 ? [] : [['key', pairs(key)]]),
    ...(Object.keys(request).length === 0 ? [] : [['request', pairs(request)]]),
    ['at', `${at}, ${knowledgeText(at, knownAt, mode)}`],
    ['version', `${definition.view} version ${definition.version}, ${definition.hash.slice(0, 12)}${source}`],
    ...partFacts(explanation),
    ...(agreeing.length === 0 ? [] : [['served', `the same by ${agreeing.join(' and ')}`]]),
  ];
}

function pairs(values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}

function knowledgeText(at: string, knownAt: string, mode: string): string {
  if (mode === 'EVENT_TIME') return 'as if every event had arrived at once (EVENT_TIME)';
  return knownAt === at ? 'with what was known then' : `with what was known at ${knownAt}`;
}

function partFacts(explanation: Explanation): string[][] {
  switch (explanation.kind) {
    case 'column':
      return columnFacts(explanation);
    case 'aggregate':
    case 'ratio':
      return windowFacts(explanation);
    case 'computed':
      return [];
  }
}

function columnFacts({ choice }: ColumnPart): string[][] {
  const { ageMillis, maxAgeMillis, retentionMillis, knownAtRule } = choice;
  const limits = [
    maxAgeMillis === null ? '' : `, maxAge ${spanText(maxAgeMillis)}`,
    retentionMillis === null ? '' : `, retention ${spanText(retentionMillis)}`,
    knownAtRule ? '' : ', whenever it became known',
  ];
  return ageMillis === null ? [] : [['age', `${spanText(ageMillis)}${limits.join('')}`]];
}

function windowFacts({ window, terms }: AggregatePart): string[][] {
  if (window === null) return [];
  const { length, start, end, hop, grain, delay } = window;
  const moves = [
    ...(hop === null ? [] : [`moves by ${hop}`]),
    `grain ${grain}`,
    ...(delay === '0s' ? [] : [`delay ${delay}`]),
  ];
  const tiles = new Set(
    terms.map((term) => term.tiles.map(({ level, tiles: count }) => `${count} × ${level}`).join(' + ')),
  );
  tiles.delete('');
  return [
    ['window', `${start === null ? '(' : `[${start}, `}${end})  ${length}, ${moves.join(', ')}`],
    ...(tiles.size === 0 ? [] : [['tiles', [...tiles].join('; ')]]),
  ];
}

function partTexts(explanation: Explanation): string[] {
  switch (explanation.kind) {
    case 'column':
      return recordsText(explanation.rows, explanation);
    case 'aggregate':
    case 'ratio':
      return explanation.terms.flatMap((term) => termTexts(explanation, term));
    case 'computed':
      return computedTexts(explanation);
  }
}

/** What only this term knows; the other rules are told with the first. */
const ownOutcomes: readonly string[] = ['counted', 'nullInput', 'tooLargeInput', 'noCategory', 'filtered'];

function termTexts(explanation: Explanation, term: AggregateTerm): string[] {
  const head = term.role === 'value' ? [] : [`${term.role}: ${callText(term)} = ${JSON.stringify(term.value)}`];
  const groups = term.events.filter(({ outcome }) => term.role !== 'denominator' || ownOutcomes.includes(outcome));
  const steps = term.events.flatMap(({ records }) => records).find((record) => record.steps !== undefined)?.steps;
  const nested = [steps?.where, steps?.by, steps?.input].filter((step) => step !== undefined).filter(isNested);
  return [
    ...head,
    ...recordsText(groups, explanation),
    ...nested.map((step) => stepsText(`the steps of ${step.text}, for the first of these events`, step)),
  ];
}

function computedTexts({ expression, inputs }: ComputedPart): string[] {
  const read = inputs.flatMap((input) => {
    if (input.from === 'request') return [];
    const { feature, reason } = input.explanation;
    // A column has no name of its own to ask for.
    const more = input.from === 'column' ? [] : [`(asof explain ${feature} tells more)`];
    return [`${headText(input.explanation)}\n${indented([reason, ...more].join('\n'))}`];
  });
  return [stepsText('steps', expression), ...read];
}
