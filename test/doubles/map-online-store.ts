import { fenceCheck } from '../../core/online/fence.ts';
import { stampOf } from '../../core/online/stamp.ts';
import type { OnlineStore } from '../../core/ports/online-store.ts';

/** An online store in a Map that counts its round trips, for tests of the core. */
export interface MapOnlineStore extends OnlineStore {
  readonly values: Map<string, Uint8Array>;
  readonly calls: { getMany: number; compareAndSet: number };
}

export function createMapOnlineStore(): MapOnlineStore {
  const values = new Map<string, Uint8Array>();
  const calls = { getMany: 0, compareAndSet: 0 };
  const stampText = (value: Uint8Array | undefined) =>
    value === undefined ? null : Buffer.from(stampOf(value)).toString('hex');
  return {
    name: 'map',
    shards: ['0'],
    values,
    calls,
    async getMany(keys) {
      calls.getMany++;
      return keys.map((key) => values.get(key) ?? null);
    },
    async compareAndSet(writes, fence) {
      calls.compareAndSet++;
      const stands = fenceCheck(fence, (key) => values.get(key));
      return writes.map(({ key, expectedStamp, value, companions }) => {
        if (!stands(key)) return null;
        const expected = expectedStamp === null ? null : Buffer.from(expectedStamp).toString('hex');
        if (stampText(values.get(key)) !== expected) return false;
        values.set(key, value);
        for (const companion of companions) {
          if (companion.value === null) values.delete(companion.key);
          else values.set(companion.key, companion.value);
        }
        return true;
      });
    },
    async put(key, value) {
      values.set(key, value);
    },
    async delete(keys, fence) {
      for (const key of keys.filter(fenceCheck(fence, (fenceKey) => values.get(fenceKey)))) values.delete(key);
    },
    async *scan(prefix) {
      for (const key of values.keys()) if (key.startsWith(prefix)) yield key;
    },
    async [Symbol.asyncDispose]() {},
  };
}
