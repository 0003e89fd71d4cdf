import type { Session } from '../engine.ts';

/**
 * Creates `places`(r, p0, p1, …): for each of these bounds of a row the number n of the last record before it, where
 * records are numbered in the order of (kid, t). If the row's key has none before the bound, that is the last record of
 * the keys before it.
 *
 * Bounds and records are sorted together and the records counted in one pass: an as-of join that cannot meet a tie.
 *
 * @param bounds columns of the table `bounds`; exclusive
 * @param records a table with kid and t
 */
export async function createPlaces(session: Session, bounds: readonly string[], records: string): Promise<void> {
  const marks = bounds.map((bound, index) => `SELECT kid, ${bound}, r, ${index} FROM bounds WHERE kid IS NOT NULL`);
  const chosen = bounds.map((_, index) => `max(n) FILTER (mark = ${index}) AS p${index}`);
  await session.run(
    `CREATE OR REPLACE TEMP TABLE places AS SELECT r, ${chosen.join(', ')} FROM (
       SELECT r, mark, count(*) FILTER (r IS NULL) OVER (ROWS UNBOUNDED PRECEDING) AS n FROM (
         SELECT * FROM (
           SELECT kid, t, CAST(NULL AS BIGINT) AS r, NULL AS mark FROM ${records} UNION ALL ${marks.join(' UNION ALL ')}
         ) ORDER BY kid, t, r IS NULL
       )
     ) WHERE r IS NOT NULL GROUP BY r`,
  );
}
