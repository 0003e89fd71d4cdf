import type { DurationText } from '../../time/duration.ts';
import type { BatchLocation, Described, PayloadFormat, SourceDefinition, StreamLocation } from '../model.ts';
import { type Declared, type Definable, definitionBrand } from './brand.ts';
import { type Columns, columnFields } from './entity.ts';

interface SourceOptions<Fields> extends Described {
  /** The columns that features may read. Time columns need not be repeated here. */
  readonly fields: Fields;
  readonly stream?: StreamLocation;
  readonly batch?: BatchLocation;
}

export interface EventSourceOptions<Fields> extends SourceOptions<Fields> {
  /** The column that says when it happened. */
  readonly eventTime: string;
  /** The column that names an event, for dedupe; absent: by place. */
  readonly eventId?: keyof Fields & string;
  /** What makes two events the same; default: the event id where there is one, else the place. */
  readonly dedupe?: 'eventId' | 'place';
  /** The column with the arrival of imported events; absent: arrival = event time. */
  readonly arrival?: string;
  /** Events that arrive later than this never count. Default 1d. */
  readonly lateness?: DurationText;
  /** Events dated further ahead of their arrival than this never count. Default 5m. */
  readonly futureTolerance?: DurationText;
}

export interface RowSourceOptions<Fields> extends SourceOptions<Fields> {
  /** The column that says from when a row is valid; absent: the source is static. */
  readonly eventTime?: string;
  /** The column that says when a row became known; absent: at its event time. */
  readonly createdTime?: string;
  /** A bool column that marks tombstones. */
  readonly deleted?: string;
}

export interface Source<out Fields = Columns> extends Definable {
  readonly name: string;
  readonly fields: Fields;
}
/** Things that happened. */
export interface EventSource<out Fields = Columns> extends Source<Fields> {
  readonly kind: 'events';
}
/** State that is valid from its event time. */
export interface RowSource<out Fields = Columns> extends Source<Fields> {
  readonly kind: 'rows';
}

export const defaultLateness = '1d';
export const defaultFutureTolerance = '5m';

/** Things that happened; windowed aggregates read these. */
export function eventSource<const Fields extends Columns>(
  name: string,
  options: EventSourceOptions<Fields>,
): EventSource<Fields> {
  const { fields, lateness = defaultLateness, futureTolerance = defaultFutureTolerance, ...rest } = options;
  const definition = {
    kind: 'events',
    name,
    fields: columnFields(fields),
    ...rest,
    lateness,
    futureTolerance,
  } as const;
  return { kind: 'events', name, fields, [definitionBrand]: declaredSource(definition) };
}

/** State that is valid from its event time; row views read these. */
export function rowSource<const Fields extends Columns>(
  name: string,
  { fields, ...rest }: RowSourceOptions<Fields>,
): RowSource<Fields> {
  const definition = { kind: 'rows', name, fields: columnFields(fields), ...rest } as const;
  return { kind: 'rows', name, fields, [definitionBrand]: declaredSource(definition) };
}

function declaredSource(definition: SourceDefinition): Declared {
  return { kind: 'sources', definition, uses: [] };
}

/** A topic of the event log. Its payloads are JSON, or Avro or Protobuf with their schemas in a schema registry. */
export function kafka(topic: string, options: { readonly format?: PayloadFormat } = {}): StreamLocation {
  return { kind: 'kafka', topic, ...options };
}

/** Records come through the `push` mutation only. */
export function push(): StreamLocation {
  return { kind: 'push' };
}

/** Files by a glob, relative to the definitions' folder unless absolute. */
export function parquet(path: string): BatchLocation {
  return { kind: 'parquet', path };
}
export function csv(path: string): BatchLocation {
  return { kind: 'csv', path };
}
export function ndjson(path: string): BatchLocation {
  return { kind: 'ndjson', path };
}

/** A query whose rows are stamped with the snapshot's time unless the source declares an event time. */
export function sql(query: string): BatchLocation {
  return { kind: 'sql', query };
}
