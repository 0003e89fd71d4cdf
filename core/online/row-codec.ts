import type { CompiledView } from '../definitions/compiled.ts';
import { readNullable, skipNullable, writeNullable } from '../values/binary.ts';
import { ByteReader } from '../values/byte-reader.ts';
import { ByteWriter } from '../values/byte-writer.ts';
import type { Instant, Value, ValueType } from '../values/types.ts';
import { type RowState, type StoredRow, visibleFrom } from './row-state.ts';
import { assemble, bodyStart, fingerprintOf, firstOfStamp, openBody, openStamp } from './stamp.ts';

/*
 * stamp: exactFrom, count, then per row, greatest first: event time, created time (0 where it is missing), origin,
 *        partition, offset, flags
 * body:  per row that is not deleted: length, then the values of the view's columns
 */

const deletedFlag = 1;
const uncreatedFlag = 2;

export function encodeRowState(view: CompiledView, { rows, exactFrom }: RowState): Uint8Array {
  const stamp = new ByteWriter();
  stamp.unsigned(exactFrom);
  stamp.unsigned(rows.length);
  const body = new ByteWriter();
  const cells = new ByteWriter();
  for (const row of rows) {
    stamp.unsigned(row.eventTime);
    const isUncreated = row.createdTime === Number.NEGATIVE_INFINITY;
    stamp.unsigned(isUncreated ? 0 : row.createdTime);
    stamp.text(row.origin);
    stamp.unsigned(row.partition);
    stamp.unsigned(row.offset);
    stamp.byte((row.deleted ? deletedFlag : 0) | (isUncreated ? uncreatedFlag : 0));
    if (row.deleted) continue;
    cells.clear();
    view.columns.forEach((column, i) => {
      writeNullable(cells, view.source.fields[column]!.type, row.values[i]!);
    });
    body.blob(cells.view());
  }
  return assemble(view, stamp.view(), body.view());
}

type RowHead = Omit<StoredRow, 'values'>;

function readHead(stamp: ByteReader): RowHead {
  const eventTime = stamp.unsigned();
  const createdTime = stamp.unsigned();
  const origin = stamp.text();
  const partition = stamp.unsigned();
  const offset = stamp.unsigned();
  const flags = stamp.byte();
  const isUncreated = (flags & uncreatedFlag) !== 0;
  return {
    eventTime,
    createdTime: isUncreated ? Number.NEGATIVE_INFINITY : createdTime,
    origin,
    partition,
    offset,
    deleted: (flags & deletedFlag) !== 0,
  };
}

export function decodeRowState(view: CompiledView, value: Uint8Array): RowState {
  const stamp = openStamp(value);
  const exactFrom = stamp.unsigned();
  const body = openBody(view, new ByteReader(value, bodyStart(value)));
  const rows = Array.from({ length: stamp.unsigned() }, (): StoredRow => {
    const head = readHead(stamp);
    if (head.deleted) return { ...head, values: [] };
    body.unsigned();
    return { ...head, values: view.columns.map((column) => readNullable(body, view.source.fields[column]!.type)) };
  });
  return { rows, exactFrom };
}

/** The winner's chosen columns; a tombstone wins like any row. */
export interface WinningRow {
  /** From when it can win. */
  readonly from: Instant;
  readonly eventTime: Instant;
  readonly deleted: boolean;
  /** Along the columns chosen; empty for a tombstone. */
  readonly values: readonly Value[];
}

/** Reads before this instant are beyond what is stored. */
export function rowsExactFrom(value: Uint8Array): Instant {
  return firstOfStamp(value);
}

/** Where each of a view's columns goes in the answer; worked out once per choice of columns. */
export interface RowRead {
  readonly view: CompiledView;
  /** What a body of the view begins with. */
  readonly fingerprint: number;
  readonly size: number;
  /** Per column of the view, up to the last one chosen. */
  readonly columns: readonly { readonly type: ValueType; readonly slot: number | null }[];
}

/** @param reads distinct indexes into `view.columns` */
export function createRowRead(view: CompiledView, reads: readonly number[]): RowRead {
  const columns = view.columns.slice(0, Math.max(-1, ...reads) + 1).map((column, index) => {
    const slot = reads.indexOf(index);
    return { type: view.source.fields[column]!.type, slot: slot < 0 ? null : slot };
  });
  return { view, fingerprint: fingerprintOf(view), size: reads.length, columns };
}

/** The row that wins at `t`, with the chosen columns only; null = no row is visible yet. */
export function readWinner(read: RowRead, value: Uint8Array, t: Instant): WinningRow | null {
  const { view, fingerprint } = read;
  // One reader for stamp and body, which are read in turn: most values have one row, and a reader each would cost more.
  const input = openStamp(value);
  const start = bodyStart(value);
  input.unsigned();
  const count = input.unsigned();
  let body = -1;
  for (let row = 0; row < count; row++) {
    const eventTime = input.unsigned();
    const createdTime = input.unsigned();
    input.skip(input.unsigned());
    input.unsigned();
    input.unsigned();
    const flags = input.byte();
    const deleted = (flags & deletedFlag) !== 0;
    const stamp = input.position;
    if (body < 0) {
      body = openBody(view, input.moveTo(start, value.length), fingerprint).position;
    }
    // What is missing is stored as 0: as early as can be.
    const from = visibleFrom(view, { eventTime, createdTime });
    if (from <= t) {
      if (deleted) return { from, eventTime, deleted, values: [] };
      return { from, eventTime, deleted, values: readCells(read, input.moveTo(body, value.length)) };
    }
    if (!deleted) {
      input.moveTo(body, value.length);
      input.skip(input.unsigned());
      body = input.position;
    }
    input.moveTo(stamp, start);
  }
  if (body < 0) openBody(view, input.moveTo(start, value.length), fingerprint);
  return null;
}

/** The first instant after `t` at which a row that is dated ahead takes over; null = there is none. */
export function nextRowVisible(view: CompiledView, value: Uint8Array, t: Instant): Instant | null {
  const stamp = openStamp(value);
  stamp.unsigned();
  let next: Instant | null = null;
  for (let count = stamp.unsigned(); count > 0; count--) {
    const from = visibleFrom(view, readHead(stamp));
    // Rows after the winner never win again.
    if (from <= t) break;
    next = next === null ? from : Math.min(next, from);
  }
  return next;
}

function readCells({ size, columns }: RowRead, body: ByteReader): Value[] {
  body.unsigned();
  const values: Value[] = new Array(size).fill(null);
  for (const { type, slot } of columns) {
    if (slot === null) skipNullable(body, type);
    else values[slot] = readNullable(body, type);
  }
  return values;
}
