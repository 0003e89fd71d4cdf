import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allAnswered } from '../../core/online/answers.ts';
import { stampPrefix } from '../../core/online/stamp-prefix.ts';
import type { OnlineWrite } from '../../core/ports/online-store.ts';
import { onlineStoreContract } from '../../test/contracts/online-store.ts';
import { describeWithService } from '../../test/services/find-program.ts';
import { freePort } from '../../test/services/free-port.ts';
import { type RedisServer, redis, startRedis } from '../../test/services/redis.ts';
import { createSystemClock } from '../clock/system-clock.ts';
import { createRedisOnlineStore } from './online-store.ts';
import { openRedisOnlineStore } from './open.ts';
import { singleServer } from './servers.ts';

const clock = createSystemClock();

describeWithService('Redis', redis, () => {
  let server: RedisServer;
  let admin: Redis;
  beforeAll(async () => {
    server = await startRedis();
    admin = new Redis(server.url);
  });
  afterAll(async () => {
    await admin.quit();
    await server[Symbol.asyncDispose]();
  });

  const write = (key: string, stamp: number): OnlineWrite => ({
    key,
    expectedStamp: null,
    value: stampPrefix(Uint8Array.of(stamp)),
    companions: [],
  });
  /** Commands by name that the server ran for `work`. */
  const commandsOf = async (work: () => Promise<unknown>): Promise<Record<string, number>> => {
    await admin.config('RESETSTAT');
    await work();
    const stats = await admin.info('commandstats');
    const counts = [...stats.matchAll(/cmdstat_([\w|]+):calls=(\d+)/g)].map(([, name, calls]) => [name, Number(calls)]);
    const { 'config|resetstat': _, info: __, ...rest } = Object.fromEntries(counts);
    return rest;
  };

  onlineStoreContract('redis', async () => {
    await admin.flushall();
    return openRedisOnlineStore({ url: server.url, clock });
  });

  describe('createRedisOnlineStore', () => {
    it('reads any number of keys with one MGET and nothing else', async () => {
      const store = createRedisOnlineStore({ servers: singleServer('admin', admin), clock });
      const keys = Array.from({ length: 500 }, (_, index) => `k{${index}}`);
      expect(await commandsOf(() => store.getMany(keys))).toEqual({ mget: 1 });
      expect(await commandsOf(() => store.getMany([]))).toEqual({});
    });

    it('loads its script once, and again when Redis has forgotten it', async () => {
      const store = createRedisOnlineStore({ servers: singleServer('admin', admin), clock });
      await admin.flushall();
      await admin.script('FLUSH');
      const writes = Array.from({ length: 10 }, (_, index) => write(`s{${index}}`, 1));
      const first = await commandsOf(async () => {
        expect(await store.compareAndSet(writes)).toEqual(writes.map(() => true));
      });
      expect(first['script|load']).toBe(1);
      const second = await commandsOf(() => store.compareAndSet(writes));
      expect(second['script|load']).toBeUndefined();
      expect(second.evalsha).toBe(1);
      await admin.script('FLUSH');
      expect(await store.compareAndSet([write('s{new}', 1), ...writes])).toEqual([true, ...writes.map(() => false)]);
    });

    it('says so when Redis is full, and keeps what it had', async () => {
      await using small = await startRedis({ maxmemory: '3mb' });
      await using store = await openRedisOnlineStore({ url: small.url, clock });
      await store.put('kept{1}', Uint8Array.of(1));
      const fill = async (): Promise<void> => {
        for (let index = 0; ; index++) await store.put(`fill{${index}}`, new Uint8Array(100_000));
      };
      await expect(fill()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      const big = { key: 'ids{1}', value: new Uint8Array(100_000) };
      const refused = store.compareAndSet([{ ...write('more{1}', 1), companions: [big] }]);
      await expect(refused).rejects.toThrowError(/Redis refuses the command.*maxmemory/);
      const [kept, more, ids] = allAnswered(await store.getMany(['kept{1}', 'more{1}', 'ids{1}']));
      expect([[...kept!], more, ids]).toEqual([[1], null, null]);
    });

    it('fails with UNAVAILABLE while Redis is away, and works when it is back', async () => {
      const port = String(await freePort());
      await using first = await startRedis({ port });
      await using store = await openRedisOnlineStore({ url: first.url, clock });
      await store.put('k{1}', Uint8Array.of(1));
      await first.kill();
      expect(await store.getMany(['k{1}'])).toMatchObject([{ code: 'UNAVAILABLE' }]);
      await expect(store.compareAndSet([write('k{1}', 1)])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await using _second = await startRedis({ port });
      await expect.poll(() => store.getMany(['k{1}']), { timeout: 10_000 }).toEqual([null]);
      expect(await store.compareAndSet([write('k{1}', 1)])).toEqual([true]);
    });

    it('refuses what is not a Redis URL without showing it, and a server that is not there', async () => {
      const wrong = openRedisOnlineStore({ url: 'http://:secret@localhost', clock });
      await expect(wrong).rejects.toMatchObject({ code: 'BAD_INPUT' });
      await expect(wrong).rejects.not.toThrowError(/secret/);
      const nobody = openRedisOnlineStore({ url: `redis://127.0.0.1:${await freePort()}`, clock });
      await expect(nobody).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    });
  });
});
