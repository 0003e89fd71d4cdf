import type { CompiledView, SourceRecord } from '../definitions/compiled.ts';
import type { KeyedRecords } from '../ports/offline-store.ts';
import type { Value } from '../values/types.ts';
import { keyText } from './keys.ts';

/** Records by the view's key, their order kept within each; a key with a NULL part matches nothing and is left out. */
export function groupByKey(view: CompiledView, records: readonly SourceRecord[]): KeyedRecords[] {
  const columns = view.key.map(({ column }) => column);
  const groups = new Map<Value, { key: readonly Value[]; records: SourceRecord[] }>();
  for (const record of records) {
    const key = columns.map((column) => record.values[column] ?? null);
    if (key.includes(null)) continue;
    const identity = key.length === 1 ? key[0]! : keyText(view, key);
    const group = groups.get(identity);
    if (group === undefined) groups.set(identity, { key, records: [record] });
    else group.records.push(record);
  }
  return [...groups.values()];
}
