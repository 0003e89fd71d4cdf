import type { CompiledView, SourceRecord } from '../definitions/compiled.ts';
import { compareUtf8 } from '../values/compare.ts';
import type { Instant, Value } from '../values/types.ts';

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
export function visibleFrom(view: CompiledView, { eventTime, createdTime }: RowOrder): Instant {
  return view.knownAt ? Math.max(eventTime, createdTime) : eventTime;
}

/**
 * Adds records to a state. A row is dropped when a greater one is visible no later than itself, or no later than
 * `readFrom`: no read from then on can return it. So the winner stays with everything dated ahead of it, a late or
 * repeated row changes nothing, and the result does not depend on the order of arrival.
 *
 * @param readFrom no read at an earlier instant will be answered
 * @returns the state itself when nothing changed
 */
export function applyRows(
  view: CompiledView,
  state: RowState,
  records: readonly SourceRecord[],
  readFrom: Instant,
): RowState {
  const candidates = [...state.rows, ...records.map((record) => storedRow(view, record))];
  candidates.sort((a, b) => compareRows(b, a));
  const rows: StoredRow[] = [];
  let exactFrom = state.exactFrom;
  let earliest = Number.POSITIVE_INFINITY;
  for (const row of candidates) {
    const from = visibleFrom(view, row);
    if (earliest <= Math.max(from, readFrom)) {
      const isRepeated = compareRows(row, rows[rows.length - 1]!) === 0;
      if (earliest > from && !isRepeated) exactFrom = Math.max(exactFrom, earliest);
      continue;
    }
    rows.push(row);
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
