import { join } from 'node:path';
import { open } from 'lmdb';
import { createValueCache } from '../../core/online/value-cache.ts';
import type { OnlineStore } from '../../core/ports/online-store.ts';
import { defaultMemoryBytes, encodings, type LmdbOnlineStoreOptions, maxReaders } from './online-store.ts';
import { copyOf, keptOf } from './recent-values.ts';
import { storedKey } from './stored-key.ts';

/** What `createLmdbOnlineStore` of another process keeps in the folder, to be read only. */
export type LmdbOnlineReader = Pick<OnlineStore, 'name' | 'shards' | 'getMany' | 'held'> & AsyncDisposable;

/**
 * The folder is that of a store which is open, in the process that writes. What was read stays in memory, and is as good as the
 * file: "now" is the number of the newest transaction there, and what was read at an earlier one is held against the file
 * before it is given again.
 */
export function openLmdbOnlineReader({
  folder,
  memoryBytes = defaultMemoryBytes,
}: Pick<LmdbOnlineStoreOptions, 'folder' | 'memoryBytes'>): LmdbOnlineReader {
  const path = join(folder, 'online.mdb');
  const root = open<Buffer, Buffer>({ path, ...encodings, maxDbs: 4, maxReaders, noSubdir: true, readOnly: true });
  const values = root.openDB<Buffer, Buffer>({ name: 'values', ...encodings });
  let seen = -1;
  let missed = 0;

  const newestTransaction = (): number => (root.getStats() as { readonly lastTxnId: number }).lastTxnId;
  /** What the file has, as of this transaction or a later one; good until the next look. */
  const look = (key: string, transaction: number): Uint8Array | null => {
    // lmdb keeps a view of the file for a turn of the loop: the other process may have written since it began.
    if (transaction !== seen) root.resetReadTxn();
    seen = transaction;
    const shared = values.getBinaryFast(storedKey(key).bytes);
    // The memory that it is read into is longer than the value.
    return shared === undefined ? null : shared.subarray(0, shared.length);
  };
  const kept = createValueCache(memoryBytes, (key, value, transaction) => {
    const stored = look(key, transaction);
    const isSame = value === null || stored === null ? value === stored : Buffer.compare(value, stored) === 0;
    return isSame ? transaction + 1 : null;
  });
  const read = (key: string, transaction: number): Uint8Array | null => {
    const held = kept.find(key);
    const known = held?.read(transaction);
    if (known !== undefined) return known;
    const shared = look(key, transaction);
    const isKept = held !== undefined || ++missed % keptOf === 0;
    const value = shared === null ? null : copyOf(shared, isKept);
    if (isKept) kept.set(key, value, transaction + 1);
    return value;
  };

  return {
    name: 'lmdb',
    shards: ['0'],
    async getMany(keys) {
      const transaction = newestTransaction();
      return keys.map((key) => read(key, transaction));
    },
    held: { find: kept.find, nowMillis: newestTransaction, countReads() {} },
    [Symbol.asyncDispose]: () => root.close(),
  };
}
