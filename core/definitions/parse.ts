import type { Field } from '../values/types.ts';
import { defaultFutureTolerance, defaultLateness } from './builders/source.ts';
import type {
  BatchLocation,
  Definitions,
  EntityDefinition,
  EventSourceDefinition,
  FeatureDefinition,
  FeatureServiceDefinition,
  FeatureViewDefinition,
  OnDemandViewDefinition,
  RowSourceDefinition,
  SourceDefinition,
  StreamLocation,
  ViewReference,
} from './model.ts';
import { aggregate, expression, valueType } from './parse-expression.ts';
import { userFunction } from './parse-function.ts';
import { createProblems } from './problems.ts';
import {
  duration,
  flag,
  json,
  listOf,
  objectOf,
  oneOf,
  optional,
  recordOf,
  required,
  type Shape,
  text,
  variant,
  wholeNumber,
  withDefault,
} from './shapes.ts';
import { validateDefinitions } from './validate.ts';

const described = { description: optional(text), owner: optional(text), tags: optional(listOf(text)) };
const field = objectOf<Field>('a field', { name: required(text), type: required(valueType) });

const entity = objectOf<EntityDefinition>('an entity', {
  name: required(text),
  key: required(listOf(field)),
  plural: optional(text),
  ...described,
});

const stream: Shape<StreamLocation> = variant<StreamLocation>('kind', {
  kafka: objectOf<Extract<StreamLocation, { kind: 'kafka' }>>('a stream', {
    kind: required(oneOf('kafka')),
    topic: required(text),
    format: optional(oneOf('avro', 'protobuf')),
  }),
  push: objectOf<Extract<StreamLocation, { kind: 'push' }>>('a stream', { kind: required(oneOf('push')) }),
});

const batchFiles = objectOf<Extract<BatchLocation, { path: string }>>('a batch location', {
  kind: required(oneOf('parquet', 'csv', 'ndjson')),
  path: required(text),
});
const batch: Shape<BatchLocation> = variant<BatchLocation>('kind', {
  parquet: batchFiles,
  csv: batchFiles,
  ndjson: batchFiles,
  sql: objectOf<Extract<BatchLocation, { query: string }>>('a batch location', {
    kind: required(oneOf('sql')),
    query: required(text),
  }),
});

const sourceCommon = {
  name: required(text),
  fields: required(listOf(field)),
  stream: optional(stream),
  batch: optional(batch),
  ...described,
};
/** Canonically an event source that dedupes by place has no event id. */
const eventSource: Shape<EventSourceDefinition> = (value, path, problems) => {
  const read = writtenEventSource(value, path, problems);
  if (read === undefined) return undefined;
  const { dedupe, eventId, ...rest } = read;
  if (dedupe === 'eventId' && eventId === undefined) {
    problems.add(`${path}.eventId`, 'is missing', { expected: 'the column that names an event, to dedupe by it' });
  }
  return dedupe === 'place' || eventId === undefined ? rest : { ...rest, eventId };
};
const writtenEventSource = objectOf<EventSourceDefinition & { readonly dedupe?: 'eventId' | 'place' }>(
  'an event source',
  {
    kind: required(oneOf('events')),
    ...sourceCommon,
    eventTime: required(text),
    eventId: optional(text),
    arrival: optional(text),
    lateness: withDefault(duration, () => defaultLateness),
    futureTolerance: withDefault(duration, () => defaultFutureTolerance),
    dedupe: optional(oneOf('eventId', 'place')),
  },
);
const source: Shape<SourceDefinition> = variant<SourceDefinition>('kind', {
  events: eventSource,
  rows: objectOf<RowSourceDefinition>('a row source', {
    kind: required(oneOf('rows')),
    ...sourceCommon,
    eventTime: optional(text),
    createdTime: optional(text),
    deleted: optional(text),
  }),
});

const window: Shape<string> = (value, path, problems) =>
  value === 'lifetime' ? value : duration(value, path, problems);

type FeatureOf<K extends FeatureDefinition['kind']> = Extract<FeatureDefinition, { kind: K }>;
const featureCommon = { name: required(text), default: optional(json), ...described };
const feature: Shape<FeatureDefinition> = variant<FeatureDefinition>('kind', {
  column: objectOf<FeatureOf<'column'>>('a feature', {
    kind: required(oneOf('column')),
    column: required(text),
    ...featureCommon,
  }),
  aggregate: objectOf<FeatureOf<'aggregate'>>('a feature', {
    kind: required(oneOf('aggregate')),
    aggregate: required(aggregate),
    window: required(window),
    ...featureCommon,
  }),
  ratio: objectOf<FeatureOf<'ratio'>>('a feature', {
    kind: required(oneOf('ratio')),
    numerator: required(aggregate),
    denominator: required(aggregate),
    window: required(window),
    ...featureCommon,
  }),
  derived: objectOf<FeatureOf<'derived'>>('a feature', {
    kind: required(oneOf('derived')),
    expression: required(expression),
    ...featureCommon,
  }),
});

const view = objectOf<FeatureViewDefinition>('a view', {
  name: required(text),
  entity: optional(text),
  source: required(text),
  key: withDefault(recordOf(text), () => ({})),
  features: required(listOf(feature)),
  grain: optional(duration),
  delay: optional(duration),
  maxAge: optional(duration),
  retention: optional(duration),
  knownAt: optional(flag),
  freshness: optional(duration),
  expectedUpdateEvery: optional(duration),
  online: optional(flag),
  offline: optional(flag),
  pii: optional(flag),
  ...described,
});

const viewReference = objectOf<ViewReference>('a view reference', {
  view: required(text),
  alias: optional(text),
  joinOn: optional(recordOf(text)),
  features: optional(listOf(text)),
  version: optional(wholeNumber(1, 1_000_000)),
  maxAge: optional(duration),
});

const onDemandView = objectOf<OnDemandViewDefinition>('an on-demand view', {
  name: required(text),
  request: withDefault(listOf(field), () => []),
  from: withDefault(listOf(viewReference), () => []),
  features: required(
    listOf(
      objectOf<OnDemandViewDefinition['features'][number]>('an on-demand feature', {
        name: required(text),
        expression: required(expression),
        default: optional(json),
        ...described,
      }),
    ),
  ),
  ...described,
});

const service = objectOf<FeatureServiceDefinition>('a feature service', {
  name: required(text),
  version: required(wholeNumber(1, 1_000_000)),
  features: required(listOf(viewReference)),
  ...described,
});

const definitionsShape = objectOf<Definitions>('definitions', {
  asof: required(oneOf(1)),
  entities: withDefault(listOf(entity), () => []),
  sources: withDefault(listOf(source), () => []),
  views: withDefault(listOf(view), () => []),
  onDemandViews: withDefault(listOf(onDemandView), () => []),
  services: withDefault(listOf(service), () => []),
  functions: withDefault(listOf(userFunction), () => []),
});

/**
 * Canonical definitions from unknown JSON: durations in their shortest form, objects sorted by name, defaults of
 * sources written out. BAD_DEFINITION lists every problem with its path, what was expected, what was found and the
 * remedy (`details.problems`).
 */
export function parseDefinitions(input: unknown): Definitions {
  const problems = createProblems();
  if (isDeeperThan(input, maxDepth)) {
    problems.add('', 'the definitions are nested too deeply', { expected: `at most ${maxDepth} levels` });
    problems.throwIfAny();
  }
  const read = definitionsShape(input, '', problems);
  if (read === undefined) problems.throwIfAny();
  const definitions = sorted(read!);
  validateDefinitions(definitions, problems);
  problems.throwIfAny();
  return definitions;
}

/** Two levels for each level of an expression; checked first, without recursion, so that nothing exhausts the stack. */
const maxDepth = 500;

function isDeeperThan(input: unknown, limit: number): boolean {
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value: input, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (typeof value !== 'object' || value === null) continue;
    if (depth > limit) return true;
    for (const part of Object.values(value)) open.push({ value: part, depth: depth + 1 });
  }
  return false;
}

function sorted(definitions: Definitions): Definitions {
  return {
    asof: 1,
    entities: definitions.entities.toSorted(byName),
    sources: definitions.sources.toSorted(byName),
    views: definitions.views.toSorted(byName),
    onDemandViews: definitions.onDemandViews.toSorted(byName),
    services: definitions.services.toSorted((a, b) => byName(a, b) || a.version - b.version),
    functions: definitions.functions.toSorted((a, b) => byName(a, b) || a.version - b.version),
  };
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
