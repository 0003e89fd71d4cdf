import { createValueCache } from '../../core/online/value-cache.ts';

/**
 * Values that were read from the file, in memory: finding one there takes a fraction of what looking it up in the file does. The
 * process is the only one that writes the file, so none is ever older than it.
 */
export interface RecentValues {
  /** null = the file has none; undefined = look there. */
  get(key: string): Buffer | null | undefined;
  /** What the file has now; `shared` is good until the next look. @returns a copy, which nobody may change */
  take(key: string, shared: Uint8Array | null): Buffer | null;
  /** Runs `work`, which changes these keys: until it has ended, be it with an error, what the file has of them is not kept. */
  changing<T>(keys: readonly string[], work: () => Promise<T>): Promise<T>;
}

/** What an entry takes beside its key and value. */
const entryBytes = 300;
/** Of what is not found, every so many is kept: what is read often soon is, and what is read once hardly costs more. */
const keptOf = 4;

/** @param maxBytes 0 = nothing is kept */
export function createRecentValues(maxBytes: number): RecentValues {
  const kept = createValueCache<Buffer | null>(maxBytes);
  /** So many works under way change a key. */
  const changes = new Map<string, number>();
  let missed = 0;

  return {
    get: (key) => kept.get(key),
    take(key, shared) {
      const isKept = ++missed % keptOf === 0 && !changes.has(key);
      if (shared === null) {
        if (isKept) kept.set(key, null, key.length * 2 + entryBytes);
        return null;
      }
      // One that passes shares the pool of small buffers; one that stays would keep all of the pool's others.
      const value = isKept ? Buffer.allocUnsafeSlow(shared.length) : Buffer.allocUnsafe(shared.length);
      value.set(shared);
      if (isKept) kept.set(key, value, key.length * 2 + value.length + entryBytes);
      return value;
    },
    async changing(keys, work) {
      for (const key of keys) {
        kept.delete(key);
        changes.set(key, (changes.get(key) ?? 0) + 1);
      }
      try {
        return await work();
      } finally {
        for (const key of keys) {
          const others = changes.get(key)! - 1;
          if (others === 0) changes.delete(key);
          else changes.set(key, others);
        }
      }
    },
  };
}
