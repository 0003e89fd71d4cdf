import type { CompiledView, SourceRecord } from '../../core/definitions/compiled.ts';
import type { ScannedRecords, ScanOptions } from '../../core/ports/offline-store.ts';
import type { Value } from '../../core/values/types.ts';
import { engineError, type Session, throwIfCancelled } from './engine.ts';
import { identifier, integer } from './quoting.ts';
import { layoutOf, recordsOfChunk } from './record-table.ts';
import { throughSql } from './through.ts';

/** A group has at most this many records: the history of a key may not fit into memory. */
const groupRecords = 16_384;

/** A source's records grouped by the view's key; records whose key has a NULL part belong to no key. */
export async function* scanRecordsByKey(
  session: Session,
  view: CompiledView,
  history: string,
  { through, reachMillis = null, signal }: ScanOptions,
): AsyncGenerator<ScannedRecords> {
  const names = view.key.map((part) => identifier(view.source.fields[part.column]!.name));
  const conditions = names.map((name) => `${name} IS NOT NULL`);
  if (through !== undefined) conditions.push(throughSql(through));
  const chosen = `(SELECT * FROM (${history}) ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`})`;
  const order = [...names, '__origin', '__partition', '__offset'].map((name) => `h.${name}`).join(', ');
  const [total, join] = reachMillis === null ? ['NULL', ''] : ['r.total', withinReachSql(chosen, names, reachMillis)];
  const sql = `SELECT h.*, ${total} FROM ${chosen} h ${join} ORDER BY ${order}`;
  const layout = layoutOf(view.source);
  let key: readonly Value[] | null = null;
  let records: SourceRecord[] = [];
  /** Of this key: all that the history holds (null = nothing is left out), and how many were handed over. */
  let keyTotal: number | null = null;
  let handedOver = 0;
  const take = (isWholeKey: boolean): ScannedRecords => {
    const recordCount = isWholeKey && keyTotal !== null ? keyTotal - handedOver : records.length;
    handedOver += records.length;
    return { key: key!, records, recordCount };
  };
  try {
    const result = await session.connection.stream(sql);
    for (
      let chunk = await result.fetchChunk();
      chunk !== null && chunk.rowCount > 0;
      chunk = await result.fetchChunk()
    ) {
      throwIfCancelled(signal);
      const totals = chunk.getColumnVector(chunk.columnCount - 1);
      for (const [row, record] of recordsOfChunk(chunk, layout).entries()) {
        const isSameKey = key !== null && isKeyOf(view, key, record);
        if (isSameKey && records.length < groupRecords) {
          records.push(record);
          continue;
        }
        if (key !== null) yield take(!isSameKey);
        records = [record];
        if (isSameKey) continue;
        key = view.key.map((part) => record.values[part.column]!);
        const count = totals.getItem(row);
        keyTotal = count === null ? null : Number(count);
        handedOver = 0;
      }
    }
  } catch (cause) {
    throwIfCancelled(signal);
    throw engineError(cause, sql);
  }
  if (key !== null) yield take(true);
}

function isKeyOf(view: CompiledView, key: readonly Value[], { values }: SourceRecord): boolean {
  for (let i = 0; i < key.length; i++) if (values[view.key[i]!.column] !== key[i]) return false;
  return true;
}

/**
 * Joins each record `h` to what is known of its key and partition, and keeps it when it is in reach:
 *
 *   r: k0, k1, … (the key), origin, part, last_offset, known_last (the offset of the record that was known last), and
 *      of the key from_time and total, the number of its records
 */
function withinReachSql(chosen: string, names: readonly string[], reachMillis: number): string {
  const partitions = `
    SELECT ${names.map((name, index) => `${name} AS k${index}, `).join('')}__origin AS origin, __partition AS part,
           max(__offset) AS last_offset, arg_max(__offset, __known_time) AS known_last,
           max(__known_time) AS known_time, count(*) AS records
    FROM ${chosen} GROUP BY ALL`;
  const ofKey = names.length === 0 ? '()' : `(PARTITION BY ${names.map((_, index) => `k${index}`).join(', ')})`;
  const reach = `
    SELECT *, max(known_time) OVER ${ofKey} - ${integer(reachMillis)} AS from_time, sum(records) OVER ${ofKey} AS total
    FROM (${partitions})`;
  const same = names.map((name, index) => `h.${name} = r.k${index} AND `).join('');
  return `JOIN (${reach}) r ON ${same}h.__origin = r.origin AND h.__partition = r.part
    WHERE h.__event_time > r.from_time OR h.__offset IN (r.last_offset, r.known_last)`;
}
