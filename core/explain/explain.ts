import type {
  CellStatus,
  CompiledFeature,
  CompiledService,
  CompiledView,
  ServiceMember,
  SourceRecord,
} from '../definitions/compiled.ts';
import { typeText } from '../definitions/value-types.ts';
import { onDemandInputName } from '../expressions/scope.ts';
import { expressionSteps } from '../expressions/steps.ts';
import type { JoinMode, KeyRequest } from '../ports/offline-store.ts';
import { formatInstant, toJson } from '../values/json.ts';
import type { Field, Instant, Value } from '../values/types.ts';
import { describeStep } from './describe-record.ts';
import { explainAggregate } from './explain-aggregate.ts';
import { explainColumn } from './explain-column.ts';
import type { AggregatePart, ColumnPart, ComputedPart, ExplainedInput, Explanation } from './explanation.ts';
import type { FeatureQuestion } from './question.ts';
import { carriedRounding } from './rounding.ts';
import type { ExplainTarget } from './target.ts';
import type { Verdict } from './verdict.ts';
import { windowAt } from './window.ts';

/** What is asked of a target. */
export interface ExplainQuestion {
  /** By name: each of the target's join columns; a NULL part matches nothing. */
  readonly key: ReadonlyMap<string, Value>;
  /** By name: each of the target's request inputs. */
  readonly request: ReadonlyMap<string, Value>;
  readonly t: Instant;
  readonly knownAt: Instant;
  readonly mode: JoinMode;
  /** So many records of each outcome are listed, and the decisive ones; Infinity = all. */
  readonly limit: number;
}

/** As `OfflineStore.recordsOfKey`, which says how many there may be. */
export type ReadRecordsOfKey = (
  view: CompiledView,
  request: Pick<KeyRequest, 'key' | 'between'>,
) => Promise<readonly SourceRecord[]>;

/** An explanation with the value that it came to, as other code takes it. */
export interface Explained {
  readonly explanation: Explanation;
  readonly value: Value;
  readonly defaulted: boolean;
}

/**
 * Why the target has its value for this key at this instant: computed the slow and obvious way from the key's records,
 * with everything that was left out, and by which rule.
 */
export async function explain(
  target: Pick<ExplainTarget, 'service'>,
  question: ExplainQuestion,
  readRecords: ReadRecordsOfKey,
): Promise<Explained> {
  const { members, onDemand } = target.service;
  const [member] = members;
  if (member !== undefined) return await explainMember(member, 0, question, readRecords);
  return await explainRequestFeature(onDemand[0]!, question, readRecords);
}

/** @param position of the feature in `member.features` */
async function explainMember(
  member: ServiceMember,
  position: number,
  question: ExplainQuestion,
  readRecords: ReadRecordsOfKey,
): Promise<Explained> {
  const { view, joinColumns, maxAgeMillis } = member;
  const feature = view.features[member.features[position]!]!;
  const key = joinColumns.map((name) => question.key.get(name) ?? null);
  const { t, knownAt, mode, limit } = question;
  const featureQuestion: FeatureQuestion = { key, t, knownAt, mode, maxAgeMillis, limit };
  const between = feature.kind === 'column' ? { start: null, end: null } : windowAt(view, feature, t).looked;
  const records = await readRecords(view, { key, between });
  const verdict = verdictOf(view, feature, records, featureQuestion);
  return complete(verdict, question, {
    name: `${member.alias}.${feature.name}`,
    feature,
    definition: { view: view.name, version: view.version, hash: view.hash, source: view.source.name },
    key: joinColumns.map((name, part) => ({ name, type: view.key[part]!.type })),
    request: [],
    isInputDefaulted: false,
  });
}

function verdictOf(
  view: CompiledView,
  feature: CompiledFeature,
  records: readonly SourceRecord[],
  question: FeatureQuestion,
): Verdict<ColumnPart | AggregatePart> {
  switch (feature.kind) {
    case 'column':
      return explainColumn(view, feature, records, question);
    case 'aggregate':
    case 'ratio':
      return explainAggregate(view, feature, records, question);
  }
}

/** The inputs that the feature reads, each explained, then the expression over them after their defaults. */
async function explainRequestFeature(
  { view, features, reads }: CompiledService['onDemand'][number],
  question: ExplainQuestion,
  readRecords: ReadRecordsOfKey,
): Promise<Explained> {
  const feature = view.features[features[0]!]!;
  const row: Value[] = view.inputs.map(() => null);
  const inputs: ExplainedInput[] = [];
  const explained: Explained[] = [];
  for (const index of feature.uses) {
    const input = view.inputs[index]!;
    const name = onDemandInputName(input);
    const read = reads[index] ?? null;
    if (read === null) {
      row[index] = (input.kind === 'request' ? question.request.get(input.name) : undefined) ?? null;
      inputs.push({ name, from: 'request', value: toJson(input.type, row[index]!) });
    } else {
      const one = await explainMember(read.member, read.feature, question, readRecords);
      row[index] = one.value;
      explained.push(one);
      inputs.push({ name, from: 'feature', explanation: one.explanation });
    }
  }
  const steps = expressionSteps(feature.expression, row);
  const { value } = steps;
  const status: CellStatus = value === null ? 'NULL' : 'PRESENT';
  const tolerance = Math.max(0, ...explained.map(({ explanation }) => explanation.tolerance));
  const verdict: Verdict<ComputedPart> = {
    value,
    status,
    tolerance: carriedRounding(tolerance, value),
    reason: `computed by ${steps.text}`,
    part: { kind: 'computed', expression: describeStep(steps), inputs },
  };
  return complete(verdict, question, {
    name: `${view.name}.${feature.name}`,
    feature,
    definition: { view: view.name, version: view.version, hash: view.hash, source: null },
    key: reads.flatMap((read) =>
      (read?.member.joinColumns ?? []).map((name, part) => ({ name, type: read!.member.view.key[part]!.type })),
    ),
    request: view.request.filter(({ name }) => question.request.has(name)),
    isInputDefaulted: explained.some(({ defaulted }) => defaulted),
  });
}

interface ExplainedFeature {
  /** `alias.feature`. */
  readonly name: string;
  readonly feature: Pick<CompiledFeature, 'type' | 'defaultValue'>;
  readonly definition: Explanation['definition'];
  /** What was asked, with its types. */
  readonly key: readonly Field[];
  readonly request: readonly Field[];
  readonly isInputDefaulted: boolean;
}

/** Puts the default in the place of a cell that is not PRESENT; the status stays. */
function complete(
  { value: found, status, tolerance, reason, part }: Verdict<ColumnPart | AggregatePart | ComputedPart>,
  question: ExplainQuestion,
  { name, feature, definition, key, request, isInputDefaulted }: ExplainedFeature,
): Explained {
  const { type, defaultValue } = feature;
  const isDefault = status !== 'PRESENT' && defaultValue !== null;
  const value = isDefault ? defaultValue : found;
  const defaulted = isDefault || isInputDefaulted;
  const given = (fields: readonly Field[], values: ReadonlyMap<string, Value>) =>
    Object.fromEntries(fields.map((field) => [field.name, toJson(field.type, values.get(field.name) ?? null)]));
  const explanation: Explanation = {
    feature: name,
    type: typeText(type),
    value: toJson(type, value),
    status,
    defaulted,
    declaredDefault: toJson(type, defaultValue),
    reason: isDefault ? `${reason}; so the default stands in` : reason,
    definition,
    question: {
      key: given(key, question.key),
      at: formatInstant(question.t),
      knownAt: formatInstant(question.knownAt),
      mode: question.mode,
      request: given(request, question.request),
    },
    tolerance,
    served: [],
    ...part,
  };
  return { explanation, value, defaulted };
}
