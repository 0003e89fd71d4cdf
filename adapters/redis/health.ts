import { randomUUID } from 'node:crypto';
import { Cluster, type Redis } from 'ioredis';
import { findingsOf } from '../../core/health/findings.ts';
import { stampPrefix } from '../../core/online/stamp-prefix.ts';
import type { Finding, HealthCheck } from '../../core/ports/health-check.ts';
import type { OnlineStore } from '../../core/ports/online-store.ts';
import { parseRedisUrl } from './address.ts';
import { keysOfStream, useStream } from './live-bus-health.ts';
import { connectRedis, openRedisOnlineStore, type RedisOnlineStoreOptions } from './open.ts';
import { slotCount } from './slots.ts';

const { ok, holds, warn, fail, failed } = findingsOf('Redis');

/** Looks at each server that holds keys, and tries every command that serving and ingest use on keys of its own. */
export function redisHealth(options: RedisOnlineStoreOptions): HealthCheck {
  return {
    service: 'Redis',
    async *checks() {
      try {
        const address = parseRedisUrl(options.url);
        const { client, close } = await connectRedis(address, options);
        await using _connection = { [Symbol.asyncDispose]: close };
        const servers = client instanceof Cluster ? client.nodes('master') : [client];
        yield ok('connection', `${servers.map(nameOf).join(', ')}${address.tls ? ' over TLS' : ''}`);
        if (client instanceof Cluster) yield* cluster(client);
        for (const server of servers) yield* oneServer(server);
        yield* commands(options);
      } catch (error) {
        yield failed('connection', error);
      }
    },
  };
}

async function* oneServer(server: Redis): AsyncIterable<Finding> {
  const at = nameOf(server);
  const info = readInfo(await server.info());
  const [major = 0, minor = 0] = (info.redis_version ?? '').split('.').map(Number);
  yield holds(major > 6 || (major === 6 && minor >= 2), 'fail', {
    what: `version of ${at}`,
    expected: '6.2 or newer',
    got: info.redis_version ?? 'unknown',
    remedy: 'Upgrade Redis, or name another in REDIS_URL',
  });
  yield holds(info.role === 'master', 'fail', {
    what: `role of ${at}`,
    expected: 'master',
    got: info.role ?? 'unknown',
    remedy: 'Name the master in REDIS_URL, or the Sentinels that know it',
  });
  yield* memory(at, info);
  yield await persistence(server, at, info);
}

function* memory(at: string, info: Info): Iterable<Finding> {
  const [most, used] = [Number(info.maxmemory ?? 0), Number(info.used_memory ?? 0)];
  const policy = info.maxmemory_policy ?? 'unknown';
  yield holds(policy === 'noeviction', most > 0 ? 'fail' : 'warn', {
    what: `maxmemory-policy of ${at}`,
    expected: 'noeviction: a value that was evicted looks like one that never was',
    got: most > 0 ? policy : `${policy}, without maxmemory`,
    remedy:
      'CONFIG SET maxmemory-policy noeviction, and the same in redis.conf; then fill what may be gone: asof rebuild --discard',
  });
  if (most === 0) yield ok(`memory of ${at}`, `${megabytes(used)}, without maxmemory`);
  else {
    yield holds(used < most * 0.9, 'warn', {
      what: `memory of ${at}`,
      expected: 'less than 90 % of maxmemory',
      got: `${megabytes(used)} of ${megabytes(most)}`,
      remedy: 'Raise maxmemory, or add servers: writes are refused when it is full',
    });
  }
}

/** Either all that was confirmed comes back, or nothing: markers that come back alone would vouch for old values. */
async function persistence(server: Redis, at: string, info: Info): Promise<Finding> {
  const what = `persistence of ${at}`;
  if (info.aof_enabled === '1') return ok(what, 'appendonly');
  let save: string | undefined;
  try {
    save = ((await server.config('GET', 'save')) as string[])[1];
  } catch {
    return warn({
      what,
      expected: 'appendonly yes, or no snapshots at all',
      got: 'appendonly no; this user may not see whether there are snapshots',
      remedy: 'See that redis.conf has `appendonly yes` or `save ""`; or grant +config|get',
    });
  }
  return holds(save === '', 'fail', {
    what,
    expected: 'appendonly yes, or no snapshots at all',
    got: save === '' ? 'none' : `snapshots only (save ${save})`,
    remedy: 'CONFIG SET appendonly yes, or CONFIG SET save "": after a crash an old snapshot would be taken for whole',
  });
}

async function* cluster(client: Cluster): AsyncIterable<Finding> {
  const info = readInfo(String(await client.cluster('INFO')));
  const { cluster_state: state = 'unknown', cluster_slots_ok: served = '0' } = info;
  yield holds(state === 'ok' && Number(served) === slotCount, 'fail', {
    what: 'cluster',
    expected: `state ok, ${slotCount} slots served`,
    got: `state ${state}, ${served} slots served`,
    remedy: 'Mend it with redis-cli --cluster fix',
  });
  const alone = new Set(client.slots.filter((nodes) => nodes?.length === 1).map(([master]) => master!));
  yield holds(alone.size === 0, 'warn', {
    what: 'replicas',
    expected: 'at least one for each master',
    got: alone.size === 0 ? 'each master has one' : `none of ${[...alone].join(', ')}`,
    remedy:
      'Add them with redis-cli --cluster add-node --cluster-slave: the keys of a master that fails are UNAVAILABLE',
  });
}

async function* commands(options: RedisOnlineStoreOptions): AsyncIterable<Finding> {
  await using store = await openRedisOnlineStore(options);
  const what = 'rights to the commands and keys';
  const publisher = randomUUID();
  const keys = store.shards.map((shard) => `f:asof-doctor|${randomUUID()}:doctor:0:{${shard}}`);
  try {
    const isKept = await useAll(store, keys);
    await useStream(options, publisher);
    yield isKept
      ? ok(what, 'all of them worked')
      : fail({
          what,
          expected: 'to read what was written',
          got: 'something else',
          remedy: 'See whether REDIS_URL names one store, and not several behind a proxy',
        });
  } catch (error) {
    yield failed(what, error);
  } finally {
    await store.delete([...keys, ...keysOfStream(publisher)]).catch(() => {});
  }
}

/** Every command, on every shard; whether each gave what it should. */
async function useAll(store: OnlineStore, keys: readonly string[]): Promise<boolean> {
  const value = stampPrefix(Uint8Array.of(1));
  const writes = keys.map((key) => {
    return { key, expectedStamp: null, value, companions: [{ key: `d${key.slice(1)}`, value: null }] };
  });
  const first = await store.compareAndSet(writes);
  const second = await store.compareAndSet(writes);
  const found = await store.getMany(keys);
  for (const answer of found) if (answer instanceof Error) throw answer;
  const others = ['ready', 'progress', 'freshness'].flatMap((kind) => keys.map((key) => `${kind}:${key.slice(2)}`));
  for (const other of others) await store.put(other, value);
  await store.delete(others);
  const scanned = new Set<string>();
  for await (const key of store.scan('f:asof-doctor|')) scanned.add(key);
  return (
    first.every(Boolean) &&
    !second.some(Boolean) &&
    found.every((bytes) => bytes instanceof Uint8Array && Buffer.compare(bytes, value) === 0) &&
    keys.every((key) => scanned.has(key))
  );
}

type Info = Readonly<Record<string, string | undefined>>;

function readInfo(text: string): Info {
  return Object.fromEntries(
    text.split(/\r?\n/).flatMap((line) => (line.includes(':') ? [line.split(/:(.*)/, 2)] : [])),
  );
}

function nameOf({ options }: Redis): string {
  // Behind Sentinels the host is ioredis's default, which nobody asked.
  return options.sentinels ? (options.name ?? 'the master') : `${options.host}:${options.port}`;
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024 / 1024)} MB`;
}
