import { AsofError } from '../../../core/errors/asof-error.ts';
import type { Session } from '../engine.ts';

/**
 * Creates `places`(r, mark, n, carried…): for each row and each of these bounds (mark 0, 1, …) the number n of the last
 * record before it, where records are numbered from 1 in the order of (kid, t), with that record's other columns. If the
 * row's key has none before the bound, it is the last record of the keys before it; n = 0 is none at all.
 *
 * Bounds and records are sorted together and the records counted in one pass: an as-of join that cannot meet a tie.
 *
 * @param bounds columns of the table `bounds`; exclusive
 * @param records a table with kid, t, n
 */
export async function createPlaces(
  session: Session,
  bounds: readonly string[],
  records: string,
  carried: readonly string[],
): Promise<void> {
  const marks = bounds.map((bound, index) => `SELECT kid, ${bound}, r, ${index} FROM bounds`);
  await session.run(
    `CREATE OR REPLACE TEMP TABLE counted AS SELECT * FROM (
       SELECT r, mark, count(*) FILTER (r IS NULL) OVER (ROWS UNBOUNDED PRECEDING) AS n FROM (
         SELECT * FROM (
           SELECT kid, t, CAST(NULL AS BIGINT) AS r, NULL AS mark FROM ${records} UNION ALL ${marks.join(' UNION ALL ')}
         ) ORDER BY kid, t, r IS NULL
       )
     ) WHERE r IS NOT NULL`,
  );
  const columns = carried.map((column) => `, e.${column}`).join('');
  await session.run(
    `CREATE OR REPLACE TEMP TABLE places AS SELECT c.r, c.mark, c.n${columns} FROM counted c ` +
      `LEFT JOIN ${records} e ON e.n = c.n ORDER BY c.mark, c.r`,
  );
  await session.run('DROP TABLE counted');
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
