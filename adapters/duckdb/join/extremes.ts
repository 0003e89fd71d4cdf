import type { Session } from '../engine.ts';

/** Events per block. */
const blockLength = 32;

/**
 * Prepares the least or greatest value of any stretch of `events`, by number:
 *
 *   blocks(bk, xs, m)   32 events each: their values in order, and the extreme of them
 *   spans(bk, j, m)     the extreme of the 2^j blocks from bk on
 *
 * A stretch is then the end of one block, the start of another, and two overlapping spans that cover what is between.
 */
export async function createBlocks(
  session: Session,
  slot: number,
  call: 'min' | 'max',
  longestWindow: number,
): Promise<void> {
  // list(x ORDER BY n) would sort each block by itself, in memory that cannot spill.
  const members = Array.from(
    { length: blockLength },
    (_, index) => `any_value(x_${slot}) FILTER ((n - 1) % ${blockLength} = ${index})`,
  );
  await session.run(
    `CREATE OR REPLACE TEMP TABLE blocks AS SELECT (n - 1) // ${blockLength} AS bk, [${members.join(', ')}] AS xs, ` +
      `${call}(x_${slot}) AS m FROM events GROUP BY bk`,
  );
  await session.run('CREATE OR REPLACE TEMP TABLE spans AS SELECT bk, 0 AS j, m FROM blocks');
  // The longest window reaches back furthest, so no stretch is longer than its longest.
  const longest = Number(await session.one(`SELECT coalesce(max(n - n_${longestWindow}), 0) FROM totals`));
  for (let j = 0; 2 ** (j + 1) <= longest / blockLength; j++) {
    await session.run(
      `INSERT INTO spans SELECT a.bk, ${j + 1}, ${bound(call)}(a.m, b.m) FROM spans a JOIN spans b ` +
        `ON b.bk = a.bk + ${2 ** j} WHERE a.j = ${j} AND b.j = ${j}`,
    );
  }
}

export async function dropBlocks(session: Session): Promise<void> {
  await session.run('DROP TABLE blocks');
  await session.run('DROP TABLE spans');
}

/** A query for (r, column): the extreme of what lies before u and not before l_w. */
export function extremeSql(_slot: number, call: 'min' | 'max', window: number, column: string): string {
  const within = (value: string) => `${value} % ${blockLength} + 1`;
  const between = 'hib - lob - 1';
  return `
    WITH stretches AS (
      SELECT r, lo, hi, lob, hib, CASE WHEN ${between} > 0 THEN CAST(floor(log2(${between})) AS INTEGER) END AS j
      FROM (SELECT r, n_${window} AS lo, n - 1 AS hi, n_${window} // ${blockLength} AS lob, (n - 1) // ${blockLength} AS hib
            FROM totals WHERE n > n_${window})
    )
    SELECT r, CASE
      WHEN lob = hib THEN list_${call}(a.xs[${within('lo')}:${within('hi')}])
      ELSE ${bound(call)}(list_${call}(a.xs[${within('lo')}:]), list_${call}(z.xs[:${within('hi')}]), u.m, v.m)
    END AS ${column}
    FROM stretches s
    JOIN blocks a ON a.bk = s.lob
    JOIN blocks z ON z.bk = s.hib
    LEFT JOIN spans u ON u.bk = s.lob + 1 AND u.j = s.j
    LEFT JOIN spans v ON v.bk = s.hib - (CAST(1 AS BIGINT) << s.j) AND v.j = s.j`;
}

/** DuckDB's greatest and least ignore NULL. */
function bound(call: 'min' | 'max'): string {
  return call === 'max' ? 'greatest' : 'least';
}
