import type { Fence } from '../ports/online-store.ts';
import { shardOf } from './keys.ts';

/** For stores that look and write in one step: tells of keys whether the fence stands in their shard. */
export function fenceCheck(
  fence: Fence | undefined,
  read: (key: string) => Uint8Array | undefined,
): (key: string) => boolean {
  if (fence === undefined) return () => true;
  const byShard = new Map<string, boolean>();
  return (key) => {
    const shard = shardOf(key);
    let stands = byShard.get(shard);
    if (stands === undefined) {
      const found = read(fence.keyIn(shard));
      stands = found !== undefined && Buffer.compare(found, fence.value) === 0;
      byShard.set(shard, stands);
    }
    return stands;
  };
}
