import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cluster, Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freshnessKey, progressKey } from '../../core/online/keys.ts';
import { markReady, unreadyShards } from '../../core/online/ready.ts';
import { stampPrefix } from '../../core/online/stamp-prefix.ts';
import type { LiveBus } from '../../core/ports/live-bus.ts';
import type { OnlineStore } from '../../core/ports/online-store.ts';
import { collect, revision } from '../../test/contracts/live-bus.ts';
import { type Certificates, makeCertificates, openssl } from '../../test/services/certificates.ts';
import { describeWithService } from '../../test/services/find-program.ts';
import { type RedisServer, redis, startRedis, tlsSettings } from '../../test/services/redis.ts';
import { redisCluster, startRedisCluster } from '../../test/services/redis-cluster.ts';
import { createSystemClock } from '../clock/system-clock.ts';
import { createRedisLiveBus } from './live-bus.ts';
import { openRedisOnlineStore } from './open.ts';

const clock = createSystemClock();
const view = { name: 'view', version: 1 };

/** Everything that serving, ingest and backfills do with a store. */
async function useAll(store: OnlineStore): Promise<void> {
  const [shard] = store.shards;
  const key = `f:thing|a:view:1:{${shard}}`;
  const ids = { key: `d:thing|a:view:1:7:0:{${shard}}`, value: Uint8Array.of(1) };
  await markReady(store, view);
  expect((await unreadyShards(store, [view])).flat()).toEqual([]);
  const write = { key, expectedStamp: null, value: stampPrefix(Uint8Array.of(1)), companions: [ids] };
  expect(await store.compareAndSet([write, write])).toEqual([true, false]);
  const next = { key, expectedStamp: Uint8Array.of(1), value: stampPrefix(Uint8Array.of(2)) };
  expect(await store.compareAndSet([{ ...next, companions: [{ key: ids.key, value: null }] }])).toEqual([true]);
  expect(await store.getMany([key, ids.key])).toEqual([Buffer.from(next.value), null]);
  for (const place of [progressKey('landings', 2, store.shards), freshnessKey(store.shards)]) {
    await store.put(place, Uint8Array.of(1));
    expect(await store.getMany([place])).toEqual([Buffer.of(1)]);
  }
  const found: string[] = [];
  for await (const one of store.scan('f:thing|')) found.push(one);
  expect(found).toEqual([key]);
  await store.delete([key]);
  expect(await store.getMany([key])).toEqual([null]);
}

/** Everything that a live bus does. */
async function useBus(bus: LiveBus): Promise<void> {
  const got = await collect(bus, ['registryChange']);
  for (const number of [1, 2, 3]) await bus.publish(revision(number));
  expect(await got.got(3)).toEqual([1, 2, 3].map(revision));
  await bus[Symbol.asyncDispose]();
}

const password = 'p@ss/w:rd%';
const url = (scheme: string, port: number | string): string =>
  `${scheme}://asof:${encodeURIComponent(password)}@127.0.0.1:${port}`;

/** As docs/operations.md gives them. */
function documentedRights(server: 'single' | 'cluster'): string[] {
  const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
  const rights = [...page.matchAll(/^(?:user asof on >PASSWORD|on a cluster also) (.+)$/gm)].map(([, text]) => text!);
  expect(rights).toHaveLength(2);
  return (server === 'single' ? rights.slice(0, 1) : rights).join(' ').split(' ');
}

describeWithService('Redis with users', redis, () => {
  let server: RedisServer;
  let admin: Redis;
  beforeAll(async () => {
    server = await startRedis();
    admin = new Redis(server.url);
    await admin.acl('SETUSER', 'asof', 'on', `>${password}`, ...documentedRights('single'));
    await admin.acl('SETUSER', 'default', 'resetpass', '>other');
  });
  afterAll(async () => {
    await admin.quit();
    await server[Symbol.asyncDispose]();
  });

  it('serves a user with no more than the documented rights', async () => {
    await using store = await openRedisOnlineStore({ url: url('redis', server.port), clock });
    await useAll(store);
    await useBus(createRedisLiveBus({ url: url('redis', server.port), clock, bufferSize: 2 }));
    const client = new Redis(url('redis', server.port));
    for (const [command, ...args] of [['get', 'f:x'], ['flushall'], ['config', 'get', 'dir'], ['mget', 'other']]) {
      await expect(client.call(command!, args)).rejects.toThrow(/NOPERM/);
    }
    await client.quit();
  });

  it('refuses a wrong password, no user, and missing rights, never showing the password', async () => {
    await admin.acl('SETUSER', 'poor', 'on', `>${password}`, '+info');
    const poor = await openRedisOnlineStore({ url: url('redis', server.port).replace('asof', 'poor'), clock });
    await expect(poor.put('ready:x:1:{0}', new Uint8Array())).rejects.toThrow(/Redis refuses the command.*NOPERM/);
    expect(await poor.getMany(['f:x'])).toMatchObject([{ code: 'UNAVAILABLE' }]);
    await poor[Symbol.asyncDispose]();
    const wrong = openRedisOnlineStore({ url: `redis://asof:secret@127.0.0.1:${server.port}`, clock });
    await expect(wrong).rejects.toThrow(/Redis refuses the command.*WRONGPASS/);
    await expect(wrong).rejects.not.toThrow(/secret/);
    await expect(openRedisOnlineStore({ url: server.url, clock })).rejects.toThrow(/NOAUTH/);
  });
});

describeWithService('Redis Cluster with users', redisCluster, () => {
  it('serves a user with no more than the documented rights', async () => {
    await using servers = await startRedisCluster();
    const admin = new Cluster(servers.nodes.map(({ port }) => ({ host: '127.0.0.1', port })));
    await admin.ping();
    for (const node of admin.nodes()) {
      await node.acl('SETUSER', 'asof', 'on', `>${password}`, ...documentedRights('cluster'));
    }
    admin.disconnect();
    const seed = `${url('redis+cluster', servers.nodes[0]!.port)}`;
    await using store = await openRedisOnlineStore({ url: seed, clock });
    expect(store.shards.length).toBeGreaterThan(1);
    await useAll(store);
    await useBus(createRedisLiveBus({ url: seed, clock, bufferSize: 2 }));
    const wrong = openRedisOnlineStore({ url: seed.replace('asof', 'nobody'), clock });
    await expect(wrong).rejects.toThrow(/WRONGPASS.*REDIS_URL/);
  });
});

describeWithService('Redis over TLS', redis.program === null ? redis : openssl, () => {
  let folder: string;
  let certificates: Certificates;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'asof-tls-'));
    certificates = makeCertificates(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('serves whom it can prove itself to, and nobody else', async () => {
    await using server = await startRedis(tlsSettings(certificates));
    const ca = readFileSync(certificates.ca, 'utf8');
    await using store = await openRedisOnlineStore({ url: server.url, ca, clock });
    await useAll(store);
    await useBus(createRedisLiveBus({ url: server.url, ca, clock }));
    await expect(openRedisOnlineStore({ url: server.url, clock })).rejects.toThrow(/does not answer.*certificate/);
    const plain = openRedisOnlineStore({ url: server.url.replace('rediss', 'redis'), clock });
    await expect(plain).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('serves as a cluster', async () => {
    const ca = readFileSync(certificates.ca, 'utf8');
    await using servers = await startRedisCluster({ certificates });
    await using store = await openRedisOnlineStore({ url: servers.url, ca, clock });
    await useAll(store);
    await expect(openRedisOnlineStore({ url: servers.url, clock })).rejects.toThrow(/self-signed.*REDIS_CA_FILE/);
  });
});
