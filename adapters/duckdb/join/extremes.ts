import type { Session } from '../engine.ts';

/** A slot's least or greatest value. */
export interface Extreme {
  readonly slot: number;
  readonly call: 'min' | 'max';
}

/** Events at either end of a stretch that are not looked up, and events per block. */
const endLength = 8;

/** Names the columns and tables of one extreme. */
export function extremeName({ slot, call }: Extreme): string {
  return `${call}_${slot}`;
}

/**
 * Adds to events in their order, for each extreme x: ahead_x, the extreme of the 8 rows after each, and behind_x,
 * that of the 16 rows up to each.
 *
 * @param events a query that keeps its order
 */
export function createEndColumns(events: string, extremes: readonly Extreme[]): string {
  if (extremes.length === 0) return events;
  const names = extremes.map(extremeName);
  let reaching = `SELECT *, ${extremes.map(({ slot }, index) => `x_${slot} AS reach_${names[index]}`).join(', ')} FROM (${events})`;
  for (let length = 1; length < endLength; length *= 2) {
    const twice = extremes.map(({ call }, index) => {
      const reach = `reach_${names[index]}`;
      return `${bound(call)}(${reach}, lead(${reach}, ${length}) OVER ()) AS ${reach}`;
    });
    reaching = `SELECT * REPLACE (${twice.join(', ')}) FROM (${reaching})`;
  }
  const ends = names.flatMap((name) => [
    `lead(reach_${name}) OVER () AS ahead_${name}`,
    `lag(reach_${name}, ${endLength - 1}) OVER () AS behind_${name}`,
  ]);
  const excluded = names.map((name) => `reach_${name}`).join(', ');
  return `SELECT * EXCLUDE (${excluded}), ${ends.join(', ')} FROM (${reaching})`;
}

/**
 * Creates spans(bk, j, m): the extreme of the 2^j blocks from bk on, each of 8 rows of `events`, as far as the longest
 * stretch of `sums` needs them. A stretch is then its ends and two overlapping spans that cover what is between.
 */
export async function createSpans(session: Session, { slot, call }: Extreme, longestWindow: number): Promise<void> {
  await session.run(
    `CREATE OR REPLACE TEMP TABLE spans AS SELECT (n - 1) // ${endLength} AS bk, 0 AS j, ${call}(x_${slot}) AS m ` +
      'FROM events GROUP BY bk',
  );
  // The longest window reaches back furthest, so no stretch is longer than its longest.
  const longest = Number(await session.one(`SELECT coalesce(max(n - n_${longestWindow}), 0) FROM sums`));
  for (let j = 0; 2 ** (j + 1) <= longest / endLength; j++) {
    await session.run(
      `INSERT INTO spans SELECT a.bk, ${j + 1}, ${bound(call)}(a.m, b.m) FROM spans a JOIN spans b ` +
        `ON b.bk = a.bk + ${2 ** j} WHERE a.j = ${j} AND b.j = ${j}`,
    );
  }
}

/**
 * A query for (r, column): the extreme of what lies before u and not before l_w, which are the rows n_w + 1 … n. Short
 * stretches are looked through; the ends of others overlap, or leave whole blocks between.
 */
export function extremeSql(extreme: Extreme, window: number, column: string): string {
  const { slot, call } = extreme;
  const name = extremeName(extreme);
  return `
    WITH stretches AS (
      SELECT r, ahead_${name}_${window} AS ahead, behind_${name} AS behind, head, tail,
        CASE WHEN tail > head THEN CAST(floor(log2(tail - head)) AS INTEGER) END AS j
      FROM (SELECT *, (n_${window} + ${endLength - 1}) // ${endLength} AS head, n // ${endLength} AS tail
            FROM sums WHERE n - n_${window} >= ${endLength})
    ), short AS (
      SELECT r, unnest(range(n_${window} + 1, n + 1)) AS n FROM sums WHERE n - n_${window} BETWEEN 1 AND ${endLength - 1}
    )
    SELECT r, ${bound(call)}(ahead, behind, u.m, v.m) AS ${column} FROM stretches s
    LEFT JOIN spans u ON u.bk = s.head AND u.j = s.j
    LEFT JOIN spans v ON v.bk = s.tail - (CAST(1 AS BIGINT) << s.j) AND v.j = s.j
    UNION ALL
    SELECT r, ${call}(x_${slot}) FROM short JOIN events USING (n) GROUP BY r`;
}

/** DuckDB's greatest and least ignore NULL. */
function bound(call: Extreme['call']): string {
  return call === 'max' ? 'greatest' : 'least';
}
