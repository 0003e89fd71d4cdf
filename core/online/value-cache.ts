import { type Aged, AgeList } from './age-list.ts';

/**
 * Values by key, bounded by the bytes they take in memory, for whoever reads far more often than they change: a hit moves
 * nothing. What was read since it was last considered stays once more; of the rest the oldest goes first.
 */
export interface ValueCache<V> {
  /** undefined = not held. */
  get(key: string): V | undefined;
  /** Instead of what was held. */
  set(key: string, value: V, bytes: number): void;
  delete(key: string): void;
  clear(): void;
}

interface Entry<V> extends Aged<Entry<V>> {
  readonly key: string;
  readonly value: V;
  readonly bytes: number;
  wasRead: boolean;
}

export function createValueCache<V>(maxBytes: number): ValueCache<V> {
  let entries = new Map<string, Entry<V>>();
  let ages = new AgeList<Entry<V>>();
  let total = 0;

  const remove = (entry: Entry<V>): void => {
    entries.delete(entry.key);
    total -= entry.bytes;
    ages.remove(entry);
  };
  const makeRoom = (bytes: number): void => {
    for (let oldest = ages.oldest; oldest !== null && total + bytes > maxBytes; oldest = ages.oldest) {
      if (oldest.wasRead) {
        oldest.wasRead = false;
        ages.remove(oldest);
        ages.append(oldest);
      } else remove(oldest);
    }
  };
  const forget = (key: string): void => {
    const entry = entries.get(key);
    if (entry !== undefined) remove(entry);
  };

  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entry.wasRead = true;
      return entry.value;
    },
    set(key, value, bytes) {
      forget(key);
      if (bytes > maxBytes) return;
      makeRoom(bytes);
      const entry: Entry<V> = { key, value, bytes, wasRead: false, older: null, newer: null };
      entries.set(key, entry);
      ages.append(entry);
      total += bytes;
    },
    delete: forget,
    clear() {
      entries = new Map();
      ages = new AgeList();
      total = 0;
    },
  };
}
