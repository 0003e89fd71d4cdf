import { BIGINT, type DuckDBConnection } from '@duckdb/node-api';
import { AsofError } from '../../../core/errors/asof-error.ts';
import type { JoinRequest, Spine } from '../../../core/ports/offline-store.ts';
import { appendColumns } from '../append-columns.ts';
import { duckTypeOf, toDuck } from '../sql-types.ts';

/** Appends inline rows to the temporary table `spine_rows`, numbered from 0. */
export async function appendSpineRows(
  connection: DuckDBConnection,
  { columns, rows, times, knownAt }: Extract<Spine, { kind: 'rows' }>,
  between: JoinRequest['between'],
): Promise<void> {
  if (times.length !== rows.length || knownAt.length !== rows.length) {
    throw new AsofError('BAD_INPUT', 'the spine has not one time per row', {
      path: 'spine.times',
      expected: `${rows.length} times and known-at instants`,
      got: `${times.length} and ${knownAt.length}`,
    });
  }
  const { start, end } = between ?? { start: null, end: null };
  const kept = times.flatMap((time, row) =>
    time >= (start ?? Number.NEGATIVE_INFINITY) && time < (end ?? Number.POSITIVE_INFINITY) ? [row] : [],
  );
  await appendColumns(connection, 'spine_rows', kept.length, [
    { type: BIGINT, value: BigInt },
    { type: BIGINT, value: (row) => BigInt(times[kept[row]!]!) },
    { type: BIGINT, value: (row) => BigInt(knownAt[kept[row]!] ?? times[kept[row]!]!) },
    ...columns.map(({ type }, index) => ({
      type: duckTypeOf(type),
      value: (row: number) => toDuck(type, rows[kept[row]!]![index] ?? null),
    })),
  ]);
}
