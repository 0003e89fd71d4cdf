import { type Aged, AgeList } from './age-list.ts';

/** Decoded states by online key, bounded by the bytes they take in memory; the least recently used goes first. */
export interface StateCache<S> {
  /** Removes and returns it: whoever changes a state owns it, and puts it back when the store has taken it. */
  take(key: string): S | undefined;
  put(key: string, state: S, bytes: number): void;
}

interface Entry<S> extends Aged<Entry<S>> {
  readonly key: string;
  readonly state: S;
  readonly bytes: number;
}

export function createStateCache<S>(maxBytes: number): StateCache<S> {
  const entries = new Map<string, Entry<S>>();
  const ages = new AgeList<Entry<S>>();
  let total = 0;

  const remove = (entry: Entry<S>): void => {
    entries.delete(entry.key);
    total -= entry.bytes;
    ages.remove(entry);
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
      const entry: Entry<S> = { key, state, bytes, older: null, newer: null };
      ages.append(entry);
      entries.set(key, entry);
      total += bytes;
      for (let oldest = ages.oldest; oldest !== null && total > maxBytes; oldest = ages.oldest) remove(oldest);
    },
  };
}
