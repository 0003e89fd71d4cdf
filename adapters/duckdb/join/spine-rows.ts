import { BIGINT, type DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api';
import { AsofError } from '../../../core/errors/asof-error.ts';
import type { JoinRequest, Spine } from '../../../core/ports/offline-store.ts';
import { duckTypeOf, toDuck } from '../sql-types.ts';

const chunkRows = 2048;

/** Appends inline rows to the temporary table `spine`, numbered from 0. */
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
  const appender = await connection.createAppender('spine', 'main', 'temp');
  const types = [BIGINT, BIGINT, BIGINT, ...columns.map(({ type }) => duckTypeOf(type))];
  const { start: from, end: to } = between ?? { start: null, end: null };
  const kept = times.flatMap((time, row) =>
    time >= (from ?? Number.NEGATIVE_INFINITY) && time < (to ?? Number.POSITIVE_INFINITY) ? [row] : [],
  );
  for (let start = 0; start < kept.length; start += chunkRows) {
    const numbers = kept.slice(start, start + chunkRows);
    const chunk = DuckDBDataChunk.create(types, numbers.length);
    chunk.setColumnValues(
      0,
      numbers.map((_, index) => BigInt(start + index)),
    );
    chunk.setColumnValues(
      1,
      numbers.map((row) => BigInt(times[row]!)),
    );
    chunk.setColumnValues(
      2,
      numbers.map((row) => BigInt(knownAt[row] ?? times[row]!)),
    );
    for (const [index, { type }] of columns.entries()) {
      chunk.setColumnValues(
        3 + index,
        numbers.map((row) => toDuck(type, rows[row]![index] ?? null)),
      );
    }
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}
