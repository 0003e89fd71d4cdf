import type { CompiledSource, SourceRecord } from '../definitions/compiled.ts';
import { AsofError, type ErrorCode } from '../errors/asof-error.ts';
import { type OnAnomaly, parseInstant, parseValue, type ValueAnomaly } from '../values/parse.ts';
import type { Instant, Value, ValueType } from '../values/types.ts';

/** Where a record stands in its log or file. */
export interface RecordPlace {
  /** Topic, or file. */
  readonly origin: string;
  readonly partition: number;
  /** Offset, or row position. */
  readonly offset: number;
}

/** Takes the place of what the source's columns say, for rows that bring it themselves; absent = as declared. */
export interface RecordOverrides {
  readonly arrival?: unknown;
  readonly created?: unknown;
  readonly deleted?: unknown;
}

/** A value that became NULL though something was there. */
export interface NulledField {
  readonly field: string;
  readonly anomaly: ValueAnomaly;
}

export interface RejectedRecord {
  readonly code: ErrorCode;
  /** Names the field, what was expected and what was found. */
  readonly reason: string;
}

export type Normalized =
  | { readonly record: SourceRecord; readonly nulled: readonly NulledField[] }
  | { readonly rejected: RejectedRecord };

const nothingNulled: readonly NulledField[] = [];
const noOverrides: RecordOverrides = {};

/**
 * The one way from a raw row to a record; streams and batches share it, so that both stores are built from the same.
 * Unknown columns are ignored.
 *
 * @param arrival when the log stamped it; null = batch: the declared arrival column, else the event time. Rows (state)
 *   are known from their created time, whatever their arrival.
 * @returns the record, or why it belongs into the dead letters; never throws for a bad row
 */
export function normalizeRecord(
  source: CompiledSource,
  row: Readonly<Record<string, unknown>>,
  place: RecordPlace,
  arrival: Instant | null,
  overrides: RecordOverrides = noOverrides,
): Normalized {
  try {
    const normalize = source.kind === 'events' ? normalizeEvent : normalizeRow;
    const { eventTime, knownTime, eventId, deleted } = normalize(source, row, arrival, overrides);
    const fields = parseFields(source, row);
    const { origin, partition, offset } = place;
    return {
      record: { origin, partition, offset, eventTime, knownTime, eventId, deleted, values: fields.values },
      nulled: fields.nulled,
    };
  } catch (error) {
    if (!(error instanceof AsofError)) throw error;
    return { rejected: { code: 'BAD_RECORD', reason: error.message } };
  }
}

type RecordParts = Pick<SourceRecord, 'eventTime' | 'knownTime' | 'eventId' | 'deleted'>;

function normalizeEvent(
  source: CompiledSource,
  row: Readonly<Record<string, unknown>>,
  arrival: Instant | null,
  overrides: RecordOverrides,
): RecordParts {
  const { definition } = source;
  if (definition.kind !== 'events') throw new AsofError('INTERNAL', `${source.name} is not an event source`);
  const eventTime = requiredInstant(source, row, definition.eventTime, 'its event time');
  const arrivalColumn = column(row, definition.arrival);
  const knownTime =
    optionalInstant(overrides.arrival, `${source.name}.__arrival`) ??
    arrival ??
    optionalInstant(arrivalColumn, `${source.name}.${definition.arrival}`) ??
    eventTime;
  const eventId = definition.eventId === undefined ? null : requiredId(source, row, definition.eventId);
  return { eventTime, knownTime, eventId, deleted: false };
}

function normalizeRow(
  source: CompiledSource,
  row: Readonly<Record<string, unknown>>,
  _arrival: Instant | null,
  overrides: RecordOverrides,
): RecordParts {
  const { definition } = source;
  if (definition.kind !== 'rows') throw new AsofError('INTERNAL', `${source.name} is not a row source`);
  const eventTime =
    definition.eventTime === undefined ? 0 : requiredInstant(source, row, definition.eventTime, 'its event time');
  const created = optionalInstant(overrides.created, `${source.name}.__created`);
  const knownTime =
    created ?? (definition.createdTime === undefined ? eventTime : createdTimeOf(source, row, definition.createdTime));
  const deletedColumn = column(row, definition.deleted);
  const deleted =
    parseValue({ kind: 'bool' }, overrides.deleted, `${source.name}.__deleted`) ??
    parseValue({ kind: 'bool' }, deletedColumn, `${source.name}.${definition.deleted}`);
  return { eventTime, knownTime, eventId: null, deleted: deleted === true };
}

function createdTimeOf(source: CompiledSource, row: Readonly<Record<string, unknown>>, name: string): Instant {
  const isMissing = isAbsent(column(row, name));
  if (isMissing && source.keepsUncreated === true) return Number.NEGATIVE_INFINITY;
  return requiredInstant(source, row, name, 'its created time');
}

/** A column of the row itself, never of its prototype. */
function column(row: Readonly<Record<string, unknown>>, name: string | undefined): unknown {
  return name !== undefined && Object.hasOwn(row, name) ? row[name] : undefined;
}

function isAbsent(input: unknown): input is null | undefined {
  return input === null || input === undefined;
}

function requiredInstant(
  source: CompiledSource,
  row: Readonly<Record<string, unknown>>,
  name: string,
  meaning: string,
): Instant {
  const input = column(row, name);
  if (isAbsent(input)) throw missing(source, name, meaning, 'an instant', input);
  return parseInstant(input, `${source.name}.${name}`);
}

function optionalInstant(input: unknown, path: string): Instant | null {
  return isAbsent(input) ? null : parseInstant(input, path);
}

function requiredId(source: CompiledSource, row: Readonly<Record<string, unknown>>, name: string): Value {
  const type = eventIdType(source) ?? { kind: 'string' };
  const input = column(row, name);
  const id = parseValue(type, input, `${source.name}.${name}`);
  if (id === null) throw missing(source, name, 'its event id', type.kind, input);
  return id;
}

function missing(source: CompiledSource, name: string, meaning: string, expected: string, input: unknown): AsofError {
  return new AsofError('BAD_RECORD', `${meaning} is missing`, {
    path: `${source.name}.${name}`,
    expected,
    got: input === null ? 'null' : 'nothing',
  });
}

/** The declared type of a source's event ids; null = dedupe is by place (and for rows). */
export function eventIdType(source: CompiledSource): ValueType | null {
  const { definition } = source;
  if (definition.kind !== 'events' || definition.eventId === undefined) return null;
  return source.fields.find((field) => field.name === definition.eventId)?.type ?? { kind: 'string' };
}

function parseFields(
  source: CompiledSource,
  row: Readonly<Record<string, unknown>>,
): { readonly values: readonly Value[]; readonly nulled: readonly NulledField[] } {
  const paths = fieldPaths(source);
  const values = new Array<Value>(source.fields.length);
  let nulled: NulledField[] | null = null;
  let current = '';
  const onAnomaly: OnAnomaly = (anomaly) => {
    nulled ??= [];
    nulled.push({ field: current, anomaly });
  };
  for (let i = 0; i < values.length; i++) {
    const { name, type } = source.fields[i]!;
    const input = column(row, name);
    current = name;
    values[i] = isAbsent(input) ? null : parseValue(type, input, paths[i]!, onAnomaly);
  }
  return { values, nulled: nulled ?? nothingNulled };
}

const pathsOfSources = new WeakMap<CompiledSource, readonly string[]>();

/** What errors name, made once: a record has many fields and rarely an error. */
function fieldPaths(source: CompiledSource): readonly string[] {
  let paths = pathsOfSources.get(source);
  if (paths === undefined) {
    paths = source.fields.map(({ name }) => `${source.name}.${name}`);
    pathsOfSources.set(source, paths);
  }
  return paths;
}
