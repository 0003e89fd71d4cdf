/** Decoded states by online key, bounded by the bytes they take in memory; the least recently used goes first. */
export interface StateCache<S> {
  /** Removes and returns it: whoever changes a state owns it, and puts it back when the store has taken it. */
  take(key: string): S | undefined;
  put(key: string, state: S, bytes: number): void;
}

export function createStateCache<S>(maxBytes: number): StateCache<S> {
  const entries = new Map<string, { readonly state: S; readonly bytes: number }>();
  let total = 0;
  const remove = (key: string): S | undefined => {
    const entry = entries.get(key);
    if (entry === undefined) return undefined;
    entries.delete(key);
    total -= entry.bytes;
    return entry.state;
  };
  return {
    take: remove,
    put(key, state, bytes) {
      remove(key);
      entries.set(key, { state, bytes });
      total += bytes;
      for (const oldest of entries.keys()) {
        if (total <= maxBytes) break;
        remove(oldest);
      }
    },
  };
}
