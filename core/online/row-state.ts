import type { CompiledView, SourceRecord } from '../definitions/compiled.ts';
import { compareUtf8 } from '../values/compare.ts';
import type { Instant, Value } from '../values/types.ts';
import { readSlackMillis } from './tile-plan.ts';

/** A row as it is kept online: its place in the order, and the columns that the view keeps. */
export interface StoredRow {
  readonly eventTime: Instant;
  /** −∞ where it is missing. */
  readonly createdTime: Instant;
  readonly origin: string;
  readonly partition: number;
  readonly offset: number;
  readonly deleted: boolean;
  /** Along the view's columns. */
  readonly values: readonly Value[];
}

/** The rows of one key that can still win at some instant. */
export interface RowState {
  /** Greatest (eventTime, createdTime, place) first. */
  readonly rows: readonly StoredRow[];
  /** Reads before this instant may miss a row that was dropped; 0 = none was. */
  readonly exactFrom: Instant;
}

export const emptyRowState: RowState = { rows: [], exactFrom: 0 };

type RowOrder = Pick<StoredRow, 'eventTime' | 'createdTime' | 'origin' | 'partition' | 'offset'>;

/** The order in which rows win: event time, created time (two that are missing: −∞ − −∞ is not a number, so equal), place. */
export function compareRows(a: RowOrder, b: RowOrder): number {
  return (
    a.eventTime - b.eventTime ||
    a.createdTime - b.createdTime ||
    compareUtf8(a.origin, b.origin) ||
    a.partition - b.partition ||
    a.offset - b.offset
  );
}

/** From when a row can win: its event time, and (unless the view opted out) its created time. */
export function visibleFrom(
  view: CompiledView,
  { eventTime, createdTime }: Pick<RowOrder, 'eventTime' | 'createdTime'>,
): Instant {
  return view.knownAt ? Math.max(eventTime, createdTime) : eventTime;
}

/**
 * Rows that are kept behind the one that wins at present, for reads of the last minute. Without a bound a row that changes
 * a thousand times a second would be sixty thousand, written anew at each change.
 */
const mostSuperseded = 8;

/**
 * Adds records to a state. A row is dropped when a greater one is visible no later than itself, or no later than any
 * read: the online store answers for the last minute, and of a row that changes often for its last changes. So the winner
 * stays with everything dated ahead of it, a late or repeated row changes nothing, and what is read at `now` or later does
 * not depend on the order of arrival.
 *
 * @param now the present of the DataClock
 * @returns the state itself when nothing changed
 */
export function applyRows(
  view: CompiledView,
  state: RowState,
  records: readonly SourceRecord[],
  now: Instant,
): RowState {
  const candidates = [...state.rows, ...records.map((record) => storedRow(view, record))];
  candidates.sort((a, b) => compareRows(b, a));
  const readFrom = now - readSlackMillis;
  const rows: StoredRow[] = [];
  let exactFrom = state.exactFrom;
  let superseded = 0;
  let earliest = Number.POSITIVE_INFINITY;
  for (const row of candidates) {
    const from = visibleFrom(view, row);
    const isSuperseded = earliest <= now;
    if (earliest <= Math.max(from, readFrom) || (isSuperseded && superseded === mostSuperseded)) {
      const isRepeated = compareRows(row, rows[rows.length - 1]!) === 0;
      if (earliest > from && !isRepeated) exactFrom = Math.max(exactFrom, earliest);
      continue;
    }
    rows.push(row);
    if (isSuperseded) superseded++;
    earliest = from;
  }
  const isSame =
    exactFrom === state.exactFrom &&
    rows.length === state.rows.length &&
    rows.every((row, i) => compareRows(row, state.rows[i]!) === 0);
  return isSame ? state : { rows, exactFrom };
}

function storedRow(view: CompiledView, record: SourceRecord): StoredRow {
  const { eventTime, knownTime, origin, partition, offset, deleted } = record;
  const values = deleted ? [] : view.columns.map((column) => record.values[column] ?? null);
  return { eventTime, createdTime: knownTime, origin, partition, offset, deleted, values };
}
