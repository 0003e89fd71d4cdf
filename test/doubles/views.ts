import type {
  Accumulator,
  CompiledExpression,
  CompiledFeature,
  CompiledSource,
  CompiledView,
  SourceRecord,
} from '../../core/definitions/compiled.ts';
import type { AggregateDefinition } from '../../core/definitions/model.ts';
import { noAnomalies } from '../../core/expressions/anomalies.ts';
import type { Field, Value, ValueType } from '../../core/values/types.ts';

/** Compiled views made by hand, for tests of the core that must not depend on the compiler. */

export const text: ValueType = { kind: 'string' };
export const int64: ValueType = { kind: 'int64' };

export interface EventSourceShape {
  readonly fields?: readonly Field[];
  readonly eventId?: string;
  readonly latenessMillis?: number;
  readonly futureToleranceMillis?: number;
}

export function eventSourceOf(shape: EventSourceShape = {}): CompiledSource {
  const fields = shape.fields ?? [
    { name: 'key', type: text },
    { name: 'x', type: int64 },
  ];
  return {
    name: 'events',
    kind: 'events',
    definition: {
      kind: 'events',
      name: 'events',
      fields,
      eventTime: 'at',
      ...(shape.eventId === undefined ? {} : { eventId: shape.eventId }),
      lateness: '1d',
      futureTolerance: '5m',
    },
    fields,
    latenessMillis: shape.latenessMillis ?? 86_400_000,
    futureToleranceMillis: shape.futureToleranceMillis ?? 300_000,
  };
}

export function rowSourceOf(fields: readonly Field[]): CompiledSource {
  return {
    name: 'rows',
    kind: 'rows',
    definition: { kind: 'rows', name: 'rows', fields, eventTime: 'at', createdTime: 'created', deleted: 'gone' },
    fields,
    latenessMillis: 0,
    futureToleranceMillis: 0,
  };
}

export function columnOf(source: CompiledSource, name: string): CompiledExpression {
  const column = source.fields.findIndex((field) => field.name === name);
  const type = source.fields[column]!.type;
  return {
    tree: { op: 'col', name },
    typed: { kind: 'input', column, type },
    type,
    anomalies: noAnomalies(),
    evaluate: (row) => row[column] ?? null,
  };
}

export interface AggregateShape extends Omit<AggregateDefinition, 'input' | 'where' | 'by'> {
  readonly input?: string;
  readonly where?: (row: readonly Value[]) => Value;
  readonly by?: string;
  readonly byCap?: number;
}

export function accumulatorOf(source: CompiledSource, shape: AggregateShape): Accumulator {
  const { input, where, by, byCap, ...definition } = shape;
  const type = { kind: 'bool' } as const;
  const tree = { op: 'lit', type, value: true } as const;
  const always = { tree, typed: { kind: 'literal', type, value: true }, type, anomalies: noAnomalies() } as const;
  return {
    definition: by === undefined ? definition : { ...definition, by: { expression: tree, cap: byCap ?? 10 } },
    input: input === undefined ? null : columnOf(source, input),
    where: where === undefined ? null : { ...always, evaluate: where },
    by: by === undefined ? null : columnOf(source, by),
    type: int64,
  };
}

export type FeatureShape =
  | { readonly accumulator: number; readonly windowMillis: number | null }
  | { readonly numerator: number; readonly denominator: number; readonly windowMillis: number | null };

export interface AggregateViewShape {
  readonly source?: CompiledSource;
  readonly accumulators: readonly AggregateShape[];
  readonly features: readonly FeatureShape[];
  readonly grainMillis?: number;
  readonly delayMillis?: number;
  readonly defaultValue?: Value;
}

export function aggregateViewOf(shape: AggregateViewShape): CompiledView {
  const source = shape.source ?? eventSourceOf();
  return {
    ...bareView(source),
    kind: 'aggregate',
    features: shape.features.map((feature, index): CompiledFeature => {
      const common = { name: `feature_${index}`, type: int64, defaultValue: shape.defaultValue ?? null };
      return 'accumulator' in feature
        ? { ...common, kind: 'aggregate', ...feature }
        : { ...common, kind: 'ratio', ...feature };
    }),
    accumulators: shape.accumulators.map((accumulator) => accumulatorOf(source, accumulator)),
    grainMillis: shape.grainMillis ?? 1_000,
    delayMillis: shape.delayMillis ?? 0,
  };
}

export interface RowViewShape {
  readonly source: CompiledSource;
  /** Column names. */
  readonly features: readonly string[];
  readonly defaultValue?: Value;
  readonly maxAgeMillis?: number;
  readonly retentionMillis?: number;
  readonly knownAt?: boolean;
}

export function rowViewOf(shape: RowViewShape): CompiledView {
  const columns = shape.features.map((name) => shape.source.fields.findIndex((field) => field.name === name));
  return {
    ...bareView(shape.source),
    kind: 'rows',
    features: columns.map((column): CompiledFeature => {
      const { name, type } = shape.source.fields[column]!;
      return { name, type, defaultValue: shape.defaultValue ?? null, kind: 'column', column };
    }),
    columns,
    maxAgeMillis: shape.maxAgeMillis ?? null,
    retentionMillis: shape.retentionMillis ?? null,
    knownAt: shape.knownAt ?? true,
  };
}

function bareView(source: CompiledSource): CompiledView {
  return {
    name: 'view',
    version: 1,
    hash: 'hash',
    kind: 'aggregate',
    entity: 'thing',
    key: [{ name: 'key', type: source.fields[0]!.type, column: 0 }],
    source,
    features: [],
    columns: [],
    accumulators: [],
    grainMillis: 1_000,
    delayMillis: 0,
    maxAgeMillis: null,
    retentionMillis: null,
    freshnessMillis: null,
    knownAt: true,
    online: true,
    offline: true,
  };
}

export function recordOf(record: Partial<SourceRecord> & Pick<SourceRecord, 'eventTime' | 'values'>): SourceRecord {
  return {
    origin: 'log',
    partition: 0,
    offset: 0,
    knownTime: record.eventTime,
    eventId: null,
    deleted: false,
    ...record,
  };
}
