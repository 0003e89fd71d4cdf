import { type GraphQLError, getNamedType, isObjectType, locatedError } from 'graphql';
import type { FieldPlan } from '../../../runtime/execution/plan.ts';
import type { FixedPlan } from '../../../runtime/execution/planned-execution.ts';
import type { DirectAnswer, GraphResult } from '../../../runtime/graph.ts';
import { DateTime } from '../../../runtime/scalars.ts';
import type { FeatureVectors } from '../feature-vectors.ts';
import type { RequestBudget } from '../request-budget.ts';
import type { Arguments } from '../view-values.ts';
import { argumentReaderOf, type ReadArguments } from './arguments.ts';
import type { FixedText } from './direct-plan.ts';
import { type ReadVectors, typedFieldOf } from './typed-fields.ts';

/** A query of nothing but feature vectors: whole columns become text at once. */
export interface VectorsPlan {
  readonly fields: readonly (VectorsField | FixedText)[];
}

interface VectorsField {
  readonly kind: 'vectors';
  readonly field: FieldPlan;
  readonly readArguments: ReadArguments;
  readonly read: ReadVectors;
  readonly selected: ReadonlySet<string>;
  readonly leaves: readonly { readonly key: string; readonly text: (of: FeatureVectors) => string }[];
}

const texts: Readonly<Record<string, (of: FeatureVectors) => string>> = {
  __typename: () => '"FeatureVectors"',
  service: ({ service }) => JSON.stringify(service),
  version: ({ version }) => String(version),
  readAt: ({ readAt }) => `"${DateTime.serialize(readAt)}"`,
  rows: ({ rows }) => String(rows),
  names: ({ names }) => JSON.stringify(names),
  types: (of) => JSON.stringify(of.types()),
  values: (of) => JSON.stringify(of.values()),
  statuses: (of) => JSON.stringify(of.statuses()),
  defaulted: (of) => JSON.stringify(of.defaulted()),
  eventTimes: (of) =>
    JSON.stringify(
      of.eventTimes().map((column) => column.map((time) => (time === null ? null : DateTime.serialize(time)))),
    ),
};

/** null = something else is selected, too. */
export function compileVectors({ plan }: FixedPlan): VectorsPlan | null {
  function vectorsField(field: FieldPlan): VectorsPlan['fields'][number] | null {
    const { key, parentType } = field;
    if (field.field === null)
      return { kind: 'text', text: `${JSON.stringify(key)}:${JSON.stringify(parentType.name)}` };
    const typed = typedFieldOf(field.field.resolve);
    const readArguments = argumentReaderOf(field);
    const type = getNamedType(field.field.type);
    if (typed?.kind !== 'vectors' || !isObjectType(type)) return null;
    const below = plan.objectPlan(type, field.nodes).fields;
    const nameOf = (leaf: FieldPlan): string => leaf.nodes[0]!.name.value;
    if (!below.every((leaf) => Object.hasOwn(texts, nameOf(leaf)))) return null;
    return {
      kind: 'vectors',
      field,
      readArguments,
      read: typed.read,
      selected: new Set(below.map(nameOf)),
      leaves: below.map((leaf) => ({ key: JSON.stringify(leaf.key), text: texts[nameOf(leaf)]! })),
    };
  }
  const fields: (VectorsPlan['fields'][number] | null)[] = plan.root.fields.map(vectorsField);
  return fields.some((field) => field?.kind === 'vectors') && !fields.includes(null)
    ? { fields: fields as VectorsPlan['fields'] }
    : null;
}

/** null = an argument is missing, which the executor has words for. */
export function answerVectors(
  { fields }: VectorsPlan,
  variables: Arguments,
  budget: RequestBudget,
): Promise<DirectAnswer> | null {
  const asked: { readonly field: VectorsField; readonly args: Arguments }[] = [];
  for (const field of fields) {
    if (field.kind === 'text') continue;
    const args = field.readArguments(variables);
    if (args === null) return null;
    asked.push({ field, args });
  }
  const reads = asked.map(({ field, args }) => field.read(args, field.selected, budget));
  return Promise.allSettled(reads).then((read) => writeVectors(fields, read));
}

function writeVectors(
  fields: VectorsPlan['fields'],
  read: readonly PromiseSettledResult<FeatureVectors>[],
): DirectAnswer {
  const errors: GraphQLError[] = [];
  let next = 0;
  const parts = fields.map((field) => {
    if (field.kind === 'text') return field.text;
    const name = JSON.stringify(field.field.key);
    const result = read[next++]!;
    if (result.status === 'rejected') {
      errors.push(locatedError(result.reason, field.field.nodes, [field.field.key]));
      return `${name}:null`;
    }
    return `${name}:{${field.leaves.map(({ key, text }) => `${key}:${text(result.value)}`).join(',')}}`;
  });
  const text = `{"data":{${parts.join(',')}}}\n`;
  return errors.length === 0 ? text : { ...(JSON.parse(text) as GraphResult), errors };
}
