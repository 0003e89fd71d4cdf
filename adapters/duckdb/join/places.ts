import { AsofError } from '../../../core/errors/asof-error.ts';
import type { Session } from '../engine.ts';

/**
 * Creates `places`(r, mark, n, carried…) in the order of (mark, r): for each row and each of these bounds (mark 0, 1, …) the
 * number n of its key's last record before it, with other columns of that record; NULL where there is none.
 *
 * @param bounds columns of the table `bounds`; exclusive
 * @param records a table with kid, t, n and is_last, which leaves one record of a key and time: an as-of join cannot
 *   choose among several
 * @param carried SQL over the record `e`, with names
 */
export async function createPlaces(
  session: Session,
  bounds: readonly string[],
  records: string,
  carried: readonly string[],
): Promise<void> {
  const marks = bounds.map((bound, index) => `SELECT r, kid, ${bound} AS bound, ${index} AS mark FROM bounds`);
  await session.run(
    `CREATE OR REPLACE TEMP TABLE places AS SELECT ${['r', 'mark', 'e.n', ...carried].join(', ')} ` +
      `FROM (${marks.join(' UNION ALL ')}) b ` +
      `ASOF LEFT JOIN (SELECT * FROM ${records} WHERE is_last) e ON b.kid = e.kid AND b.bound > e.t ORDER BY mark, r`,
  );
}

/** `bounds` with each mark's places beside it, as p0, p1, …: both are in the order of r, so rows meet by position. */
export function placesBesideBounds(marks: number): string {
  const parts = Array.from({ length: marks }, (_, mark) => `(SELECT * FROM places WHERE mark = ${mark}) p${mark}`);
  return `bounds b ${parts.map((part) => `POSITIONAL JOIN ${part}`).join(' ')}`;
}

/** INTERNAL unless every row met its own places. */
export async function checkPositions(session: Session, marks: number): Promise<void> {
  const wrong = Array.from({ length: marks }, (_, mark) => `p${mark}.r IS DISTINCT FROM b.r`).join(' OR ');
  const count = Number(await session.one(`SELECT count(*) FROM ${placesBesideBounds(marks)} WHERE ${wrong}`));
  if (count > 0) throw new AsofError('INTERNAL', `${count} rows of the spine met the places of others`);
}
