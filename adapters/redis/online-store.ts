import { Redis } from 'ioredis';
import { AsofError } from '../../core/errors/asof-error.ts';
import { stampPrefix } from '../../core/online/stamp-prefix.ts';
import type { OnlineStore, OnlineWrite } from '../../core/ports/online-store.ts';
import { compareAndSetScript, compareAndSetSha } from './compare-and-set.ts';
import type { RedisClient, RedisPipeline } from './redis-client.ts';

/** Writes that travel together; bounds what Redis and we hold in buffers. */
const pipelineWrites = 1_000;
const pipelineBytes = 4 * 1024 * 1024;

/** The online store on a Redis whose client belongs to the caller; closing the store leaves the client open. */
export function createRedisOnlineStore({ client }: { readonly client: RedisClient }): OnlineStore {
  /** Results of a pipeline; null where Redis did not know the script, which it forgets when it restarts. */
  const run = async (writes: readonly OnlineWrite[]): Promise<(boolean | null)[]> => {
    const pipeline = client.pipeline();
    for (const write of writes) addWrite(pipeline, write);
    const replies = (await pipeline.exec()) ?? [];
    return writes.map((_, index) => {
      const [error, result] = replies[index] ?? [new Error('no reply'), null];
      if (error === null) return result === 1;
      if (error.message.startsWith('NOSCRIPT')) return null;
      throw error;
    });
  };
  const runKnown = async (writes: readonly OnlineWrite[]): Promise<boolean[]> => {
    const results = await run(writes);
    const unknown = results.flatMap((result, index) => (result === null ? [index] : []));
    if (unknown.length === 0) return results.map((result) => result === true);
    await client.script('LOAD', compareAndSetScript);
    const repeated = await run(unknown.map((index) => writes[index]!));
    for (const [position, index] of unknown.entries()) results[index] = repeated[position]!;
    return results.map((result) => {
      if (result === null) throw new Error('NOSCRIPT, although it was loaded just now');
      return result;
    });
  };

  return {
    name: 'redis',
    getMany: (keys) => (keys.length === 0 ? Promise.resolve([]) : asking(() => client.mgetBuffer([...keys]))),
    compareAndSet: (writes) =>
      asking(async () => {
        const results: boolean[] = [];
        for (const part of parts(writes)) results.push(...(await runKnown(part)));
        return results;
      }),
    put: (key, value) =>
      asking(async () => {
        await client.set(key, asBuffer(value));
      }),
    delete: (keys) =>
      asking(async () => {
        if (keys.length > 0) await client.unlink([...keys]);
      }),
    async *scan(prefix) {
      const pattern = `${prefix.replaceAll(/[\\*?[\]]/g, '\\$&')}*`;
      // SCAN may name a key twice.
      const seen = new Set<string>();
      let cursor = '0';
      do {
        const [next, keys] = await asking(() => client.scan(cursor, 'MATCH', pattern, 'COUNT', 1_000));
        for (const key of keys) {
          if (seen.has(key)) continue;
          seen.add(key);
          yield key;
        }
        cursor = next;
      } while (cursor !== '0');
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

export interface RedisOnlineStoreOptions {
  /** `redis://user:password@host:port/database`, or `rediss://` for TLS. */
  readonly url: string;
  /** A command that has no answer by then fails with UNAVAILABLE. Default 5 s. */
  readonly commandTimeoutMillis?: number;
}

/** The online store on the Redis at a URL; closing it closes the connection. Throws UNAVAILABLE when Redis is away. */
export async function openRedisOnlineStore(options: RedisOnlineStoreOptions): Promise<OnlineStore> {
  const url = checkUrl(options.url);
  const client = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: 1,
    commandTimeout: options.commandTimeoutMillis ?? 5_000,
    retryStrategy: (attempt) => Math.min(50 * 2 ** attempt, 2_000),
  });
  // Said again, to the caller, by the command that fails.
  client.on('error', () => {});
  try {
    await asking(() => client.connect());
  } catch (error) {
    client.disconnect();
    throw error;
  }
  return {
    ...createRedisOnlineStore({ client }),
    [Symbol.asyncDispose]: async () => {
      await client.quit().catch(() => client.disconnect());
    },
  };
}

function addWrite(pipeline: RedisPipeline, { key, expectedStamp, value, companions }: OnlineWrite): void {
  pipeline.evalsha(
    compareAndSetSha,
    1 + companions.length,
    key,
    ...companions.map((companion) => companion.key),
    expectedStamp === null ? '0' : '1',
    expectedStamp === null ? '' : asBuffer(stampPrefix(expectedStamp)),
    asBuffer(value),
    ...companions.flatMap((companion) => (companion.value === null ? ['D', ''] : ['S', asBuffer(companion.value)])),
  );
}

function* parts(writes: readonly OnlineWrite[]): Iterable<readonly OnlineWrite[]> {
  let part: OnlineWrite[] = [];
  let bytes = 0;
  for (const write of writes) {
    part.push(write);
    bytes += write.companions.reduce((sum, { value }) => sum + (value?.length ?? 0), write.value.length);
    if (part.length < pipelineWrites && bytes < pipelineBytes) continue;
    yield part;
    part = [];
    bytes = 0;
  }
  if (part.length > 0) yield part;
}

/** Runs commands, and says in our words what failed. */
async function asking<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AsofError || !(error instanceof Error)) throw error;
    const got = error.message;
    if (/^(OOM|MISCONF|READONLY|NOPERM|NOAUTH|WRONGPASS)/.test(got)) {
      const remedy = got.startsWith('OOM')
        ? 'Raise maxmemory, and keep maxmemory-policy at noeviction'
        : 'Correct the user, its rights or the server’s settings; `asof doctor` names them';
      throw new AsofError('UNAVAILABLE', 'Redis refuses the command', { path: 'redis', got, remedy }, { cause: error });
    }
    if (/^[A-Z]+ /.test(got) && !/^(LOADING|CLUSTERDOWN|TRYAGAIN|BUSY|MASTERDOWN)/.test(got)) {
      throw new AsofError('INTERNAL', 'Redis could not run a command', { path: 'redis', got }, { cause: error });
    }
    const remedy = 'Start Redis, or correct REDIS_URL; what was asked for can be tried again';
    throw new AsofError('UNAVAILABLE', 'Redis does not answer', { path: 'redis', got, remedy }, { cause: error });
  }
}

function checkUrl(url: string): string {
  if (URL.canParse(url) && /^rediss?:$/.test(new URL(url).protocol)) return url;
  throw new AsofError('BAD_INPUT', 'the online store’s URL is not Redis’s', {
    path: 'REDIS_URL',
    expected: 'redis://host:port, or rediss:// for TLS',
    got: 'another form (not shown, it may hold a password)',
    remedy: 'Set REDIS_URL, or leave it out to keep online values in the data folder',
  });
}

function asBuffer(value: Uint8Array): Buffer {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
