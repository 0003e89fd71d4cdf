import { createValueCache } from '../../core/online/value-cache.ts';
import type { HeldValues } from '../../core/ports/online-store.ts';

/**
 * Values that were read from the file, in memory: finding one there takes a fraction of what looking it up in the file does. The
 * process is the only one that writes the file, so none is ever older than it.
 */
export interface RecentValues extends HeldValues {
  /** What the file has now; `shared` is good until the next look. @returns a copy, which nobody may change */
  take(key: string, shared: Uint8Array | null): Uint8Array | null;
  /** Runs `work`, which changes these keys: until it has ended, be it with an error, what the file has of them is not kept. */
  changing<T>(keys: readonly string[], work: () => Promise<T>): Promise<T>;
}

/** Of what is not found, every so many is kept: what is read often soon is, and what is read once hardly costs more. */
export const keptOf = 4;

/** One that passes shares the pool of small buffers; one that stays would keep all of the pool's others. */
export function copyOf(shared: Uint8Array, isKept: boolean): Uint8Array {
  const value = isKept ? Buffer.allocUnsafeSlow(shared.length) : Buffer.allocUnsafe(shared.length);
  value.set(shared);
  return value;
}

/** @param maxBytes 0 = nothing is kept */
export function createRecentValues(maxBytes: number): RecentValues {
  const kept = createValueCache(maxBytes);
  /** So many works under way change a key. */
  const changes = new Map<string, number>();
  let missed = 0;

  return {
    find: kept.find,
    // Nothing grows old: it ends when it is changed.
    nowMillis: () => 0,
    countReads() {},
    take(key, shared) {
      const isKept = maxBytes > 0 && ++missed % keptOf === 0 && !changes.has(key);
      const value = shared === null ? null : copyOf(shared, isKept);
      if (isKept) kept.set(key, value);
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
