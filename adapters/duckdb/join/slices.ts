import type { Session } from '../engine.ts';
import { integer } from '../quoting.ts';
import type { LoadedSpine } from './spine.ts';

/** A spine whose view `spine` shows those of its rows that are worked on: at first all. */
export interface SlicedSpine extends LoadedSpine {
  /** So many at once, or somewhat more: see `slicesOf`. */
  readonly sliceRows: number;
}

/** Rows [from, to) of the spine. */
export interface Slice {
  readonly from: number;
  readonly to: number;
}

/**
 * All rows of a spine in slices, for what is worked on at once beside the history to be little; one slice, though empty, for a spine without rows. A history is sorted anew for each
 * slice, so slices are larger where it is much longer than they are.
 */
export function slicesOf({ rows, sliceRows }: SlicedSpine, historyRows: number): readonly Slice[] {
  const count = Math.max(1, Math.ceil(rows / Math.max(sliceRows, historyRows / 3)));
  const size = Math.ceil(rows / count);
  return Array.from({ length: count }, (_, index) => ({ from: index * size, to: Math.min((index + 1) * size, rows) }));
}

/** All rows as one slice. */
export function wholeOf({ rows }: LoadedSpine): Slice {
  return { from: 0, to: rows };
}

/** Makes `spine` a view of these of `spine_rows`. */
export async function showSlice(session: Session, { from, to }: Slice): Promise<void> {
  await session.run(
    `CREATE OR REPLACE TEMP VIEW spine AS SELECT * FROM spine_rows WHERE r >= ${integer(from)} AND r < ${integer(to)}`,
  );
}

/** Begins a statement that adds a slice's rows to a table, which the first slice creates. */
export function addingTo(table: string, { from }: Slice): string {
  return from === 0 ? `CREATE TEMP TABLE ${table} AS` : `INSERT INTO ${table}`;
}
