import { fenceCheck } from '../../core/online/fence.ts';
import { stampOf } from '../../core/online/stamp.ts';
import type { OnlineStore, OnlineWrite } from '../../core/ports/online-store.ts';

/** An online store that lives as long as the process; for tests, `asof try` and simulations. */
export function createMemoryOnlineStore(): OnlineStore {
  const values = new Map<string, Uint8Array>();

  const set = (key: string, value: Uint8Array | null): void => {
    if (value === null) values.delete(key);
    else values.set(key, value.slice());
  };
  const write = ({ key, expectedStamp, value, companions }: OnlineWrite): boolean => {
    const stored = values.get(key);
    const matches =
      stored === undefined || expectedStamp === null
        ? stored === undefined && expectedStamp === null
        : Buffer.compare(stampOf(stored), expectedStamp) === 0;
    if (!matches) return false;
    set(key, value);
    for (const companion of companions) set(companion.key, companion.value);
    return true;
  };

  return {
    name: 'memory',
    shards: ['0'],
    getMany: async (keys) => keys.map((key) => values.get(key) ?? null),
    compareAndSet: async (writes, fence) => {
      const stands = fenceCheck(fence, (key) => values.get(key));
      return writes.map((one) => (stands(one.key) ? write(one) : null));
    },
    put: async (key, value) => set(key, value),
    delete: async (keys, fence) => {
      for (const key of keys.filter(fenceCheck(fence, (fenceKey) => values.get(fenceKey)))) values.delete(key);
    },
    async *scan(prefix) {
      for (const key of [...values.keys()]) if (key.startsWith(prefix)) yield key;
    },
    [Symbol.asyncDispose]: async () => values.clear(),
  };
}
