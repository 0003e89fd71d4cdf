import { Cluster, type Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { allAnswered } from '../../core/online/answers.ts';
import { stampPrefix } from '../../core/online/stamp-prefix.ts';
import type { OnlineStore, OnlineWrite } from '../../core/ports/online-store.ts';
import { onlineStoreContract } from '../../test/contracts/online-store.ts';
import { describeWithService } from '../../test/services/find-program.ts';
import { type RedisCluster, redisCluster, startRedisCluster } from '../../test/services/redis-cluster.ts';
import { createSystemClock } from '../clock/system-clock.ts';
import { openRedisOnlineStore } from './open.ts';
import { slotOf } from './slots.ts';

const clock = createSystemClock();

describeWithService('Redis Cluster', redisCluster, () => {
  let servers: RedisCluster;
  let admin: Cluster;
  beforeAll(async () => {
    servers = await startRedisCluster();
    admin = new Cluster(servers.nodes.map(({ port }) => ({ host: '127.0.0.1', port })));
    await admin.ping();
  });
  afterAll(async () => {
    admin.disconnect();
    await servers[Symbol.asyncDispose]();
  });

  const masters = (): Redis[] => admin.nodes('master');
  const open = (): Promise<OnlineStore> => openRedisOnlineStore({ url: servers.url, clock });
  const write = (key: string, stamp: number): OnlineWrite => ({
    key,
    expectedStamp: null,
    value: stampPrefix(Uint8Array.of(stamp)),
    companions: [],
  });
  /** Commands by name that all nodes ran for `work`. */
  const commandsOf = async (work: () => Promise<unknown>): Promise<Record<string, number>> => {
    await Promise.all(masters().map((node) => node.config('RESETSTAT')));
    await work();
    const counts: Record<string, number> = {};
    for (const node of masters()) {
      for (const [, name, calls] of (await node.info('commandstats')).matchAll(/cmdstat_([\w|]+):calls=(\d+)/g)) {
        if (['mget', 'evalsha', 'script|load'].includes(name!)) counts[name!] = (counts[name!] ?? 0) + Number(calls);
      }
    }
    return counts;
  };

  onlineStoreContract('redis cluster', async () => {
    await Promise.all(masters().map((node) => node.flushall()));
    return open();
  });

  it('computes slots as the servers do', async () => {
    for (const key of ['', 'a', 'k{1}', '{}x', 'x{}{a}', '{a}{b}', 'é{ü😀}', '{user1000}.following', 'a{b']) {
      expect([key, slotOf(key)]).toEqual([key, await masters()[0]!.cluster('KEYSLOT', key)]);
    }
  });

  it('has shards on every master, as evenly as can be', async () => {
    await using store = await open();
    const counts = new Map<string, number>();
    for (const shard of store.shards) {
      const node = admin.slots[slotOf(`{${shard}}`)]![0]!;
      counts.set(node, (counts.get(node) ?? 0) + 1);
    }
    expect([...counts.values()].sort()).toEqual([21, 21, 22]);
  });

  it('reads with one MGET for each shard that holds some of the keys', async () => {
    await using store = await open();
    const keys = Array.from({ length: 500 }, (_, index) => `k${index}:{${store.shards[index % 20]}}`);
    expect(await commandsOf(() => store.getMany(keys))).toEqual({ mget: 20 });
  });

  it('loads its script on each server that has forgotten it', async () => {
    await using store = await open();
    const writes = Array.from({ length: 30 }, (_, index) => write(`s${index}:{${store.shards[index * 2]}}`, 1));
    await Promise.all(masters().map((node) => node.script('FLUSH')));
    const first = await commandsOf(async () => {
      expect(await store.compareAndSet(writes)).toEqual(writes.map(() => true));
    });
    expect(first['script|load']).toBe(3);
    expect(await commandsOf(() => store.compareAndSet(writes))).toEqual({ evalsha: 30 });
  });

  it('follows a shard to another server, while it moves and afterwards', async () => {
    await using store = await open();
    const shard = store.shards[0]!;
    const slot = slotOf(`{${shard}}`);
    const keyOf = (index: number): string => `m${index}:{${shard}}`;
    const keys = [0, 1, 2].map(keyOf);
    for (const key of keys) await store.put(key, Uint8Array.of(1));
    const from = masters().find((node) => `${node.options.host}:${node.options.port}` === admin.slots[slot]![0])!;
    const to = masters().find((node) => node !== from)!;
    const idOf = async (node: Redis): Promise<string> => String(await node.cluster('MYID'));
    const [fromId, toId] = [await idOf(from), await idOf(to)];
    await to.cluster('SETSLOT', slot, 'IMPORTING', fromId);
    await from.cluster('SETSLOT', slot, 'MIGRATING', toId);
    const migrate = (key: string) => from.call('MIGRATE', '127.0.0.1', to.options.port!, key, 0, 5_000);
    await migrate(keys[0]!);
    // ASK: what is not on the old server any more is on the new one, and a new key belongs there.
    expect(allAnswered(await store.getMany([keys[0]!]))[0]).toEqual(Buffer.from([1]));
    expect(await store.compareAndSet([write(keyOf(9), 1)])).toEqual([true]);
    // TRYAGAIN: keys of one MGET on both servers, until the last has moved.
    const split = store.getMany(keys);
    for (const key of keys.slice(1)) await migrate(key);
    const held = (await from.cluster('GETKEYSINSLOT', slot, 100)) as string[];
    for (const key of held) await migrate(key);
    expect(allAnswered(await split).map((value) => value?.[0])).toEqual([1, 1, 1]);
    for (const node of masters()) await node.cluster('SETSLOT', slot, 'NODE', toId);
    // MOVED
    expect(allAnswered(await store.getMany(keys)).map((value) => value?.[0])).toEqual([1, 1, 1]);
    expect(await store.compareAndSet([write(keyOf(10), 1), write(keyOf(9), 2)])).toEqual([true, false]);
  });
});
