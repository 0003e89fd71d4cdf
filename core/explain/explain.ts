import type {
  CompiledFeature,
  CompiledService,
  CompiledSource,
  CompiledView,
  ServiceMember,
  SourceRecord,
} from '../definitions/compiled.ts';
import { typeText } from '../definitions/value-types.ts';
import { onDemandInputName } from '../expressions/scope.ts';
import type { JoinMode, KeyRequest } from '../ports/offline-store.ts';
import { formatInstant, toJson } from '../values/json.ts';
import type { Field, Instant, Value } from '../values/types.ts';
import {
  type ComputedInput,
  derivedVerdict,
  type Explained,
  hasDefaulted,
  type ReadInput,
  requestVerdict,
} from './computed.ts';
import { explainAggregate } from './explain-aggregate.ts';
import { type ColumnFeature, explainColumn } from './explain-column.ts';
import type { AggregatePart, ColumnPart, ComputedPart, Explanation } from './explanation.ts';
import type { FeatureQuestion } from './question.ts';
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

type DerivedFeature = Extract<CompiledFeature, { readonly kind: 'derived' }>;

/** As `OfflineStore.recordsOfKey`, which says how many there may be. */
export type ReadRecordsOfKey = (
  view: CompiledView,
  request: Pick<KeyRequest, 'key' | 'between'>,
) => Promise<readonly SourceRecord[]>;

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
  if (member !== undefined) {
    return await explainCell(member, member.view.features[member.features[0]!]!, question, readRecords);
  }
  return await explainRequestFeature(onDemand[0]!, question, readRecords);
}

async function explainCell(
  member: ServiceMember,
  feature: CompiledFeature,
  question: ExplainQuestion,
  readRecords: ReadRecordsOfKey,
): Promise<Explained> {
  const { view, joinColumns, maxAgeMillis } = member;
  const cell = {
    name: `${member.alias}.${feature.name}`,
    feature,
    definition: { view: view.name, version: view.version, hash: view.hash, source: view.source.name },
    key: joinColumns.map((name, part) => ({ name, type: view.key[part]!.type })),
    request: [],
  };
  if (feature.kind === 'derived') {
    const inputs = await explainInputs(member, feature, question, readRecords);
    return complete(derivedVerdict(feature.expression, inputs), question, { ...cell, inputs });
  }
  const key = joinColumns.map((name) => question.key.get(name) ?? null);
  const { t, knownAt, mode, limit } = question;
  const featureQuestion: FeatureQuestion = { key, t, knownAt, mode, maxAgeMillis, limit };
  const between = feature.kind === 'column' ? { start: null, end: null } : windowAt(view, feature, t).looked;
  const records = await readRecords(view, { key, between });
  return complete(verdictOf(view, feature, records, featureQuestion), question, { ...cell, inputs: [] });
}

/** What a derived feature reads: other features, and columns as if they were features without a default. */
async function explainInputs(
  member: ServiceMember,
  { inputs }: DerivedFeature,
  question: ExplainQuestion,
  readRecords: ReadRecordsOfKey,
): Promise<ReadInput[]> {
  const { features, columns, source } = member.view;
  const explained: ReadInput[] = [];
  for (const input of inputs) {
    const read = input.kind === 'feature' ? features[input.feature]! : columnFeature(source, columns[input.column]!);
    const name = input.kind === 'feature' ? `feature.${read.name}` : read.name;
    explained.push({ name, from: input.kind, explained: await explainCell(member, read, question, readRecords) });
  }
  return explained;
}

function columnFeature({ fields }: CompiledSource, column: number): ColumnFeature {
  return { kind: 'column', ...fields[column]!, column, defaultValue: null };
}

function verdictOf(
  view: CompiledView,
  feature: Exclude<CompiledFeature, DerivedFeature>,
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
  const inputs: ComputedInput[] = [];
  for (const index of feature.uses) {
    const input = view.inputs[index]!;
    const name = onDemandInputName(input);
    const read = reads[index] ?? null;
    if (read === null) {
      row[index] = (input.kind === 'request' ? question.request.get(input.name) : undefined) ?? null;
      inputs.push({ name, from: 'request', value: toJson(input.type, row[index]!) });
    } else {
      const { member } = read;
      const one = member.view.features[member.features[read.feature]!]!;
      const explained = await explainCell(member, one, question, readRecords);
      row[index] = explained.value;
      inputs.push({ name, from: 'feature', explained });
    }
  }
  return complete(requestVerdict(feature.expression, inputs, row), question, {
    name: `${view.name}.${feature.name}`,
    feature,
    definition: { view: view.name, version: view.version, hash: view.hash, source: null },
    key: reads.flatMap((read) =>
      (read?.member.joinColumns ?? []).map((name, part) => ({ name, type: read!.member.view.key[part]!.type })),
    ),
    request: view.request.filter(({ name }) => question.request.has(name)),
    inputs,
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
  /** Of a feature that is computed. */
  readonly inputs: readonly ComputedInput[];
}

/** Puts the default in the place of a cell that is not PRESENT; the status stays. */
function complete(
  { value: found, status, tolerance, reason, part }: Verdict<ColumnPart | AggregatePart | ComputedPart>,
  question: ExplainQuestion,
  { name, feature, definition, key, request, inputs }: ExplainedFeature,
): Explained {
  const { type, defaultValue } = feature;
  const isDefault = status !== 'PRESENT' && defaultValue !== null;
  const value = isDefault ? defaultValue : found;
  const defaulted = isDefault || hasDefaulted(inputs);
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
