import type { CompiledSource, SourceRecord } from '../../core/definitions/compiled.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import { normalizeRecord } from '../../core/records/normalize.ts';
import { compareUtf8 } from '../../core/values/compare.ts';
import { parseInstant, parseValue, type ValueAnomaly } from '../../core/values/parse.ts';
import { readInstant } from '../../core/values/parse-instant.ts';
import { columnOf, columnPath, type InputRow } from './input-row.ts';

export interface RowFile {
  /** The first part of a place: rows of several files of one source are ordered by it first. */
  readonly origin: string;
  readonly rows: readonly InputRow[];
}

/** A row that an ingest would put into the dead letters: it counts nowhere. */
export interface DeadRow {
  readonly place: string;
  readonly reason: string;
}

export interface NulledValue {
  /** Of the row and its column. */
  readonly place: string;
  readonly anomaly: ValueAnomaly;
}

export interface SourceHistory {
  readonly source: CompiledSource;
  /** In place order. */
  readonly records: readonly SourceRecord[];
  readonly dead: readonly DeadRow[];
  /** Values that became NULL though something was there. */
  readonly nulled: readonly NulledValue[];
  /** Where each record's row stands, for people. */
  readonly rowPlaces: ReadonlyMap<SourceRecord, string>;
}

/**
 * The normalized records of one source's rows. `__arrival`, `__created`, `__deleted`, `__partition` (default 0) and
 * `__offset` (default the row's position) are read where rows carry them.
 *
 * @param strict a value that is not of its column's type is an error rather than a dead row
 * @throws AsofError BAD_INPUT naming file, line and column
 */
export function buildHistory(source: CompiledSource, files: readonly RowFile[], strict: boolean): SourceHistory {
  const records: SourceRecord[] = [];
  const dead: DeadRow[] = [];
  const nulled: NulledValue[] = [];
  const places = new Set<string>();
  const rowPlaces = new Map<SourceRecord, string>();
  for (const { origin, rows } of files) {
    const isTwice = files.filter((file) => file.origin === origin).length > 1;
    for (const [position, row] of rows.entries()) {
      if (strict) checkTypes(source, row);
      const partition = wholeNumber(row, '__partition') ?? 0;
      const offset = wholeNumber(row, '__offset') ?? position;
      const place = JSON.stringify([origin, partition, offset]);
      if (places.has(place)) throw isTwice ? fileTwice(source, origin) : placeTaken(row, partition, offset);
      places.add(place);
      const normalized = normalizeRecord(source, row.values, { origin, partition, offset }, null, {
        arrival: instant(row, '__arrival'),
        created: instant(row, '__created'),
        deleted: parseValue({ kind: 'bool' }, columnOf(row, '__deleted'), columnPath(row, '__deleted')),
      });
      if ('rejected' in normalized) {
        dead.push({ place: row.place, reason: normalized.rejected.reason });
        continue;
      }
      records.push(normalized.record);
      rowPlaces.set(normalized.record, row.place);
      for (const { field, anomaly } of normalized.nulled) nulled.push({ place: columnPath(row, field), anomaly });
    }
  }
  records.sort((a, b) => compareUtf8(a.origin, b.origin) || a.partition - b.partition || a.offset - b.offset);
  return { source, records, dead, nulled, rowPlaces };
}

function checkTypes(source: CompiledSource, row: InputRow): void {
  for (const { name, type } of source.fields) parseValue(type, columnOf(row, name), columnPath(row, name));
  for (const name of timeColumns(source)) {
    const input = columnOf(row, name) ?? null;
    // A time that is missing or out of range is for the dead letters, as at an ingest.
    if (input !== null && readInstant(input) === null) parseInstant(input, columnPath(row, name));
  }
}

function timeColumns({ definition }: CompiledSource): string[] {
  const { eventTime } = definition;
  const knownTime = definition.kind === 'events' ? definition.arrival : definition.createdTime;
  return [eventTime, knownTime].filter((name) => name !== undefined);
}

function instant(row: InputRow, column: string): number | null {
  const input = columnOf(row, column);
  return input === null || input === undefined ? null : parseInstant(input, columnPath(row, column));
}

function wholeNumber(row: InputRow, column: string): number | null {
  const path = columnPath(row, column);
  const number = parseValue({ kind: 'int64' }, columnOf(row, column), path);
  if (number === null) return null;
  if (typeof number === 'number' && number >= 0) return number;
  throw new AsofError('BAD_INPUT', 'not a place', { path, expected: 'a whole number from 0', got: String(number) });
}

function fileTwice({ name }: CompiledSource, file: string): AsofError {
  return new AsofError('BAD_INPUT', 'the same file was given twice', {
    path: `--rows ${name}=${file}`,
    expected: 'each file once: its rows count once',
    got: `${file} again`,
    remedy: 'Leave one of them out.',
  });
}

function placeTaken(row: InputRow, partition: number, offset: number): AsofError {
  return new AsofError('BAD_INPUT', 'two rows have the same place', {
    path: row.place,
    expected: 'each __offset once per __partition',
    got: `partition ${partition}, offset ${offset} again`,
    remedy: 'Give every row its own __offset, or none of them.',
  });
}
