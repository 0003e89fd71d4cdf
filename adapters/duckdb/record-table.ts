import {
  BIGINT,
  BOOLEAN,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  VARCHAR,
} from '@duckdb/node-api';
import type { CompiledSource, SourceRecord } from '../../core/definitions/compiled.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import { eventIdType } from '../../core/records/normalize.ts';
import type { Field } from '../../core/values/types.ts';
import type { StoredField } from './manifest.ts';
import { identifier } from './quoting.ts';
import { sqlTypeOf } from './sql-type-names.ts';
import { duckTypeOf, fromDuck, toDuck } from './sql-types.ts';

/**
 * One record as a row, in the tail and in Parquet; times are milliseconds:
 *
 *   __origin VARCHAR, __partition INTEGER, __offset BIGINT, __event_time BIGINT, __known_time BIGINT,
 *   __deleted BOOLEAN, __event_id <the id's type>, <field> <its type>, …
 */
const placeColumns: readonly { readonly name: string; readonly type: DuckDBType }[] = [
  { name: '__origin', type: VARCHAR },
  { name: '__partition', type: INTEGER },
  { name: '__offset', type: BIGINT },
  { name: '__event_time', type: BIGINT },
  { name: '__known_time', type: BIGINT },
  { name: '__deleted', type: BOOLEAN },
];

/** DuckDB takes at most this many rows in one chunk. */
const chunkRows = 2048;

/** Where a missing created time sorts: below every instant. */
const unknownTime = -(2n ** 62n);

/** True when repeats are found by a declared event id, false when each place counts once. */
export function hasEventId(source: CompiledSource): boolean {
  return eventIdType(source) !== null;
}

/** The columns that depend on the source: the event id, then its fields. */
export function layoutOf(source: CompiledSource): readonly StoredField[] {
  const taken = new Set(placeColumns.map((column) => column.name));
  const layout = [{ name: '__event_id', type: eventIdType(source) ?? { kind: 'string' as const } }, ...source.fields];
  for (const { name } of layout) {
    const folded = name.toLowerCase();
    if (taken.has(folded)) {
      throw new AsofError('BAD_DEFINITION', 'two fields have the same name but for upper and lower case', {
        path: `sources.${source.name}.fields.${name}`,
        expected: 'names that differ in more than case, none of them an internal name',
        got: name,
      });
    }
    taken.add(folded);
  }
  return layout;
}

export function createTableSql(table: string, layout: readonly StoredField[]): string {
  const columns = [
    ...placeColumns.map(({ name, type }) => `${identifier(name)} ${type}`),
    ...layout.map(({ name, type }) => `${identifier(name)} ${sqlTypeOf(type)}`),
  ];
  return `CREATE TABLE ${identifier(table)} (${columns.join(', ')})`;
}

/** Selects records in the source's layout from something that was written in another one; what is missing is NULL. */
export function selectSql(from: string, wanted: readonly StoredField[], stored: readonly StoredField[]): string {
  const columns = wanted.map(({ name, type }) => {
    const found = stored.find((field) => field.name === name);
    if (found === undefined) return `CAST(NULL AS ${sqlTypeOf(type)}) AS ${identifier(name)}`;
    if (sqlTypeOf(found.type) === sqlTypeOf(type)) return identifier(name);
    return `TRY_CAST(${identifier(name)} AS ${sqlTypeOf(type)}) AS ${identifier(name)}`;
  });
  return `SELECT ${[...placeColumns.map(({ name }) => identifier(name)), ...columns].join(', ')} FROM ${from}`;
}

/** Appends records to a table made by `createTableSql`. */
export interface RecordAppender {
  append(records: readonly SourceRecord[]): void;
  /** Makes what was appended visible to queries; for a few records this costs more than appending them. */
  settle(): void;
  close(): void;
}

export async function openRecordAppender(
  connection: DuckDBConnection,
  table: string,
  layout: readonly StoredField[],
  source: CompiledSource,
): Promise<RecordAppender> {
  const appender = await connection.createAppender(table);
  const columns = columnReaders(layout, source.fields);
  const types = [...placeColumns.map(({ type }) => type), ...layout.map(({ type }) => duckTypeOf(type))];
  return {
    append(records) {
      const chunks = Array.from({ length: Math.ceil(records.length / chunkRows) }, (_, index) =>
        chunkOf(types, columns, records.slice(index * chunkRows, (index + 1) * chunkRows)),
      );
      // Only now: of records with one that no column takes, none is appended.
      for (const chunk of chunks) appender.appendDataChunk(chunk);
    },
    settle: () => appender.flushSync(),
    close: () => appender.closeSync(),
  };
}

type ColumnReader = (record: SourceRecord) => DuckDBValue;

function columnReaders(layout: readonly StoredField[], fields: readonly Field[]): readonly ColumnReader[] {
  const [eventId, ...rest] = layout;
  const idType = eventId!.type;
  return [
    (record) => record.origin,
    (record) => record.partition,
    (record) => BigInt(record.offset),
    (record) => BigInt(record.eventTime),
    (record) => (Number.isFinite(record.knownTime) ? BigInt(record.knownTime) : unknownTime),
    (record) => record.deleted,
    (record) => toDuck(idType, record.eventId),
    ...rest.map(({ name, type }): ColumnReader => {
      const index = fields.findIndex((field) => field.name === name);
      return (record) => toDuck(type, record.values[index] ?? null);
    }),
  ];
}

function chunkOf(
  types: readonly DuckDBType[],
  columns: readonly ColumnReader[],
  records: readonly SourceRecord[],
): DuckDBDataChunk {
  const chunk = DuckDBDataChunk.create(types, records.length);
  for (const [index, column] of columns.entries()) {
    const vector = chunk.getColumnVector(index);
    for (let row = 0; row < records.length; row++) vector.setItem(row, column(records[row]!));
    vector.flush();
  }
  return chunk;
}

/** Rows of `selectSql` as records again, one chunk at a time. */
export function recordsOfChunk(chunk: DuckDBDataChunk, layout: readonly StoredField[]): SourceRecord[] {
  const columns = chunk.getColumns();
  const [origins, partitions, offsets, eventTimes, knownTimes, deleted, eventIds, ...values] = columns;
  const [eventId, ...fields] = layout;
  return Array.from({ length: chunk.rowCount }, (_, row) => ({
    origin: origins![row] as string,
    partition: partitions![row] as number,
    offset: Number(offsets![row]),
    eventTime: Number(eventTimes![row]),
    knownTime: knownTimes![row] === unknownTime ? Number.NEGATIVE_INFINITY : Number(knownTimes![row]),
    eventId: fromDuck(eventId!.type, eventIds![row]),
    deleted: deleted![row] as boolean,
    values: fields.map(({ type }, index) => fromDuck(type, values[index]![row])),
  }));
}
