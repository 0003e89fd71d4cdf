/** Decoded states by online key, bounded by the bytes they take in memory; the least recently used goes first. */
export interface StateCache<S> {
  /** Removes and returns it: whoever changes a state owns it, and puts it back when the store has taken it. */
  take(key: string): S | undefined;
  put(key: string, state: S, bytes: number): void;
}

/** Stands between those that were put before and after it. */
interface Entry<S> {
  readonly key: string;
  readonly state: S;
  readonly bytes: number;
  older: Entry<S> | null;
  newer: Entry<S> | null;
}

/**
 * In a list of its own, rather than in the order of the map: to find the first of that, all that was removed since the map
 * last grew is passed over.
 */
export function createStateCache<S>(maxBytes: number): StateCache<S> {
  const entries = new Map<string, Entry<S>>();
  let oldest: Entry<S> | null = null;
  let newest: Entry<S> | null = null;
  let total = 0;

  const remove = (entry: Entry<S>): void => {
    const { key, bytes, older, newer } = entry;
    entries.delete(key);
    total -= bytes;
    if (older === null) oldest = newer;
    else older.newer = newer;
    if (newer === null) newest = older;
    else newer.older = older;
  };

  return {
    take(key) {
      const entry = entries.get(key);
      if (entry !== undefined) remove(entry);
      return entry?.state;
    },
    put(key, state, bytes) {
      const known = entries.get(key);
      if (known !== undefined) remove(known);
      const entry: Entry<S> = { key, state, bytes, older: newest, newer: null };
      if (newest === null) oldest = entry;
      else newest.newer = entry;
      newest = entry;
      entries.set(key, entry);
      total += bytes;
      while (oldest !== null && total > maxBytes) remove(oldest);
    },
  };
}
