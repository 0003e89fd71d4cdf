import type {
  Accumulator,
  CompiledFeature,
  CompiledSource,
  CompiledView,
  ServiceMember,
  SourceRecord,
} from '../../core/definitions/compiled.ts';
import type { AggregateDefinition } from '../../core/definitions/model.ts';
import { compileExpression } from '../../core/expressions/compile.ts';
import type { Field, Value, ValueType } from '../../core/values/types.ts';

/** Definitions of the tests in this folder, compiled by hand. */
export const hourMillis = 3_600_000;

export const landingFields: readonly Field[] = [
  { name: 'origin', type: { kind: 'string' } },
  { name: 'destination', type: { kind: 'string' } },
  { name: 'delay', type: { kind: 'int64' } },
  { name: 'fare', type: { kind: 'decimal', precision: 10, scale: 2 } },
  { name: 'speed', type: { kind: 'float64' } },
  { name: 'flightId', type: { kind: 'int64' } },
];

export function eventSource(overrides: Partial<CompiledSource> = {}): CompiledSource {
  return {
    name: 'landings',
    kind: 'events',
    fields: landingFields,
    definition: {
      kind: 'events',
      name: 'landings',
      fields: landingFields,
      eventTime: 'landedAt',
      eventId: 'flightId',
      lateness: '1h',
      futureTolerance: '5m',
    },
    latenessMillis: hourMillis,
    futureToleranceMillis: 300_000,
    ...overrides,
  };
}

export function rowSource(fields: readonly Field[]): CompiledSource {
  return {
    name: 'profiles',
    kind: 'rows',
    fields,
    definition: { kind: 'rows', name: 'profiles', fields, eventTime: 'validFrom', createdTime: 'created' },
    latenessMillis: 0,
    futureToleranceMillis: 0,
  };
}

export interface SampleFeature {
  readonly name: string;
  readonly aggregate: AggregateDefinition;
  readonly type: ValueType;
  readonly windowMillis: number | null;
}

/** An aggregate view of `source` by the key columns, with one accumulator per feature. */
export function aggregateView(
  source: CompiledSource,
  key: readonly string[],
  features: readonly SampleFeature[],
  overrides: Partial<CompiledView> = {},
): CompiledView {
  const compile = (tree: AggregateDefinition['input']) =>
    tree === undefined ? null : compileExpression(tree, source.fields, source.name);
  const accumulators = features.map(
    ({ aggregate, type }): Accumulator => ({
      definition: aggregate,
      input: compile(aggregate.input),
      where: compile(aggregate.where),
      by: compile(aggregate.by?.expression),
      type,
    }),
  );
  const compiled = features.map(
    ({ name, type, windowMillis }, accumulator): CompiledFeature => ({
      name,
      type,
      defaultValue: null,
      kind: 'aggregate',
      accumulator,
      windowMillis,
    }),
  );
  return view(source, key, compiled, { kind: 'aggregate', accumulators, ...overrides });
}

/** A row view with every field as a feature. */
export function rowView(
  source: CompiledSource,
  key: readonly string[],
  overrides: Partial<CompiledView> = {},
): CompiledView {
  const features = source.fields.map(
    ({ name, type }, column): CompiledFeature => ({ name, type, defaultValue: null, kind: 'column', column }),
  );
  return view(source, key, features, { kind: 'rows', columns: [...source.fields.keys()], ...overrides });
}

function view(
  source: CompiledSource,
  key: readonly string[],
  features: readonly CompiledFeature[],
  overrides: Partial<CompiledView>,
): CompiledView {
  return {
    name: 'sample',
    version: 1,
    hash: 'sample',
    kind: 'rows',
    entity: key.length === 0 ? null : 'sample',
    key: key.map((name) => {
      const column = source.fields.findIndex((field) => field.name === name);
      return { ...source.fields[column]!, column };
    }),
    source,
    features,
    columns: [],
    accumulators: [],
    grainMillis: 1000,
    delayMillis: 0,
    maxAgeMillis: null,
    retentionMillis: null,
    freshnessMillis: null,
    knownAt: true,
    online: true,
    offline: true,
    ...overrides,
  };
}

/** All features of a view, joined on spine columns named as the key parts. */
export function memberOf(compiled: CompiledView, alias = compiled.name): ServiceMember {
  return {
    alias,
    view: compiled,
    joinColumns: compiled.key.map(({ name }) => name),
    features: compiled.features.map((_, index) => index),
    maxAgeMillis: null,
  };
}

export function record(
  place: { readonly offset: number; readonly partition?: number; readonly origin?: string },
  eventTime: number,
  values: readonly Value[],
  rest: Partial<SourceRecord> = {},
): SourceRecord {
  return {
    origin: place.origin ?? 'log',
    partition: place.partition ?? 0,
    offset: place.offset,
    eventTime,
    knownTime: eventTime,
    eventId: null,
    deleted: false,
    values,
    ...rest,
  };
}
