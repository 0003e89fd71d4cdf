import type { CompiledView, SourceRecord } from '../../core/definitions/compiled.ts';
import type { KeyedRecords, Positions } from '../../core/ports/offline-store.ts';
import type { Value } from '../../core/values/types.ts';
import { engineError, type Session, throwIfCancelled } from './engine.ts';
import { identifier, integer, text } from './quoting.ts';
import { layoutOf, recordsOfChunk } from './record-table.ts';

/** A source's records grouped by the view's key; records whose key has a NULL part belong to no key. */
export async function* scanRecordsByKey(
  session: Session,
  view: CompiledView,
  history: string,
  through: Positions | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<KeyedRecords> {
  const names = view.key.map((part) => identifier(view.source.fields[part.column]!.name));
  const conditions = names.map((name) => `${name} IS NOT NULL`);
  if (through !== undefined) conditions.push(throughSql(through));
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const order = [...names, '__origin', '__partition', '__offset'].join(', ');
  const sql = `SELECT * FROM (${history}) ${where} ORDER BY ${order}`;
  const layout = layoutOf(view.source);
  let key: readonly Value[] | null = null;
  let records: SourceRecord[] = [];
  try {
    const result = await session.connection.stream(sql);
    for (
      let chunk = await result.fetchChunk();
      chunk !== null && chunk.rowCount > 0;
      chunk = await result.fetchChunk()
    ) {
      throwIfCancelled(signal);
      for (const record of recordsOfChunk(chunk, layout)) {
        const own = view.key.map((part) => record.values[part.column]!);
        if (key !== null && own.every((value, index) => value === key![index])) {
          records.push(record);
          continue;
        }
        if (key !== null) yield { key, records };
        key = own;
        records = [record];
      }
    }
  } catch (cause) {
    throwIfCancelled(signal);
    throw engineError(cause, sql);
  }
  if (key !== null) yield { key, records };
}

/** TRUE for places at or below `through`; a partition that it does not name is left out. */
function throughSql(through: Positions): string {
  const places = [...through].map(([place, offset]) => {
    const slash = place.lastIndexOf('/');
    const [origin, partition] = [place.slice(0, slash), Number(place.slice(slash + 1))];
    return `(__origin = ${text(origin)} AND __partition = ${integer(partition)} AND __offset <= ${integer(offset)})`;
  });
  return places.length === 0 ? 'false' : `(${places.join(' OR ')})`;
}
