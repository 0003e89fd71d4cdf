import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';
import { fenceCheck } from '../../core/online/fence.ts';
import { stampOf } from '../../core/online/stamp.ts';
import type { OnlineStore, OnlineWrite } from '../../core/ports/online-store.ts';
import { checkLmdbFile, damagedFile } from './check-file.ts';
import { createRecentValues } from './recent-values.ts';
import { isCutKey, longestPlainKeyBytes, storedKey } from './stored-key.ts';

export interface LmdbOnlineStoreOptions {
  readonly folder: string;
  /**
   * `power` (the default): a write that resolved survives a power cut. `process`: it survives `kill -9`, and does not
   * wait for the disk. Either way a damaged file is never the result.
   */
  readonly durability?: 'process' | 'power';
  /** Memory for values that were read, default 64 MiB. */
  readonly memoryBytes?: number;
}

export const defaultMemoryBytes = 64 * 1024 ** 2;

/** Values by key, and beside them the whole text of keys too long for LMDB. */
interface Tables {
  readonly root: RootDatabase<Buffer, Buffer>;
  readonly values: Database<Buffer, Buffer>;
  readonly cutKeys: Database<Buffer, Buffer>;
}

/** Online values in one memory-mapped file. Throws CORRUPT when the file is not LMDB's. */
export function createLmdbOnlineStore(options: LmdbOnlineStoreOptions): OnlineStore {
  const { folder, durability = 'power', memoryBytes = defaultMemoryBytes } = options;
  const { root, values, cutKeys } = openTables(folder);
  const recent = createRecentValues(memoryBytes);

  const valueUnder = (key: string): Buffer | undefined => values.get(storedKey(key).bytes);
  const set = (key: string, value: Uint8Array | null): void => {
    const { bytes, isCut } = storedKey(key);
    if (value === null) {
      values.remove(bytes);
      if (isCut) cutKeys.remove(bytes);
      return;
    }
    values.put(bytes, asBuffer(value));
    if (isCut) cutKeys.put(bytes, Buffer.from(key));
  };
  const write = ({ key, expectedStamp, value, companions }: OnlineWrite): boolean => {
    const stored = valueUnder(key);
    const matches =
      stored === undefined || expectedStamp === null
        ? stored === undefined && expectedStamp === null
        : Buffer.compare(stampOf(stored), expectedStamp) === 0;
    if (!matches) return false;
    set(key, value);
    for (const companion of companions) set(companion.key, companion.value);
    return true;
  };
  const read = (key: string): Uint8Array | null => {
    const known = recent.find(key)?.read(0);
    if (known !== undefined) return known;
    const shared = values.getBinaryFast(storedKey(key).bytes);
    // The memory that it is read into is longer than the value.
    return recent.take(key, shared === undefined ? null : shared.subarray(0, shared.length));
  };
  /** One transaction that changes these keys: all of its writes become visible together, and none when it throws. */
  const transact = async <T>(keys: readonly string[], work: () => T): Promise<T> => {
    const result = await recent.changing(keys, () => root.transaction(work));
    if (durability === 'power') await root.flushed;
    return result;
  };

  return {
    name: 'lmdb',
    shards: ['0'],
    getMany: async (keys) => keys.map(read),
    held: recent,
    compareAndSet: async (writes, fence) => {
      if (writes.length === 0) return [];
      const changed = writes.flatMap(({ key, companions }) => [key, ...companions.map((companion) => companion.key)]);
      return transact(changed, () => {
        const stands = fenceCheck(fence, valueUnder);
        return writes.map((one) => (stands(one.key) ? write(one) : null));
      });
    },
    put: async (key, value) => transact([key], () => set(key, value)),
    delete: async (keys, fence) =>
      transact(keys, () => {
        for (const key of keys.filter(fenceCheck(fence, valueUnder))) set(key, null);
      }),
    async *scan(prefix) {
      const start = Buffer.from(prefix).subarray(0, longestPlainKeyBytes);
      for (const stored of values.getKeys({ start })) {
        if (!stored.subarray(0, start.length).equals(start)) return;
        const key = (isCutKey(stored) ? cutKeys.get(stored) : stored)?.toString();
        if (key?.startsWith(prefix)) yield key;
      }
    },
    [Symbol.asyncDispose]: async () => {
      await root.flushed;
      await root.close();
    },
  };
}

export const encodings = { encoding: 'binary', keyEncoding: 'binary' } as const;
/** At once, of all processes; who opens first decides. LMDB's own 126 are fewer than a process may have workers. */
export const maxReaders = 1_024;

function openTables(folder: string): Tables {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'online.mdb');
  const { isCut } = checkLmdbFile(path);
  try {
    const root = open<Buffer, Buffer>({ path, ...encodings, maxDbs: 4, maxReaders, noSubdir: true });
    const tables: Tables = {
      root,
      values: root.openDB<Buffer, Buffer>({ name: 'values', ...encodings }),
      cutKeys: root.openDB<Buffer, Buffer>({ name: 'cutKeys', ...encodings }),
    };
    if (isCut) for (const { key } of tables.values.getRange()) tables.values.get(key);
    return tables;
  } catch (error) {
    throw damagedFile(path, error instanceof Error ? error.message : String(error), error);
  }
}

function asBuffer(value: Uint8Array): Buffer {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
