import type { CompiledView, SourceRecord } from '../../core/definitions/compiled.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { KeyRequest } from '../../core/ports/offline-store.ts';
import { engineError, type Session, throwIfCancelled } from './engine.ts';
import { valueLiteral } from './literals.ts';
import { identifier, integer } from './quoting.ts';
import { layoutOf, recordsOfChunk } from './record-table.ts';

/** The records of one whole key in place order; see `OfflineStore.recordsOfKey`. */
export async function readRecordsOfKey(
  session: Session,
  view: CompiledView,
  history: string,
  { key, between: { start, end }, mostRecords, signal }: KeyRequest,
): Promise<SourceRecord[]> {
  const conditions = [
    ...view.key.map(({ column, type }, part) => {
      const { name } = view.source.fields[column]!;
      return `${identifier(name)} = ${valueLiteral(type, key[part]!)}`;
    }),
    ...(start === null ? [] : [`__event_time >= ${integer(start)}`]),
    ...(end === null ? [] : [`__event_time < ${integer(end)}`]),
  ];
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const chosen = `(SELECT * FROM (${history}) ${where} LIMIT ${integer(mostRecords + 1)})`;
  const sql = `SELECT * FROM ${chosen} ORDER BY __origin, __partition, __offset`;
  const layout = layoutOf(view.source);
  const records: SourceRecord[] = [];
  try {
    const result = await session.connection.stream(sql);
    for (
      let chunk = await result.fetchChunk();
      chunk !== null && chunk.rowCount > 0;
      chunk = await result.fetchChunk()
    ) {
      throwIfCancelled(signal);
      for (const record of recordsOfChunk(chunk, layout)) records.push(record);
    }
  } catch (cause) {
    throwIfCancelled(signal);
    throw engineError(cause, sql);
  }
  if (records.length > mostRecords) throw tooMany(view, mostRecords);
  return records;
}

function tooMany({ name }: CompiledView, mostRecords: number): AsofError {
  return new AsofError('LIMIT_EXCEEDED', 'the key has too many records to look at one by one', {
    path: name,
    expected: `at most ${mostRecords} records of one key in the window`,
    got: 'more',
    remedy: 'Ask about a feature with a shorter window, or about a key with fewer records.',
  });
}
