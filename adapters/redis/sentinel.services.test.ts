import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stampPrefix } from '../../core/online/stamp-prefix.ts';
import { collected } from '../../test/health/findings.ts';
import { describeWithService } from '../../test/services/find-program.ts';
import { freePort } from '../../test/services/free-port.ts';
import { redis } from '../../test/services/redis.ts';
import { type RedisSentinel, startRedisSentinel } from '../../test/services/redis-sentinel.ts';
import { createSystemClock } from '../clock/system-clock.ts';
import { redisHealth } from './health.ts';
import { openRedisOnlineStore } from './open.ts';

const clock = createSystemClock();

describeWithService('Redis with Sentinel', redis, () => {
  let servers: RedisSentinel;
  beforeAll(async () => {
    servers = await startRedisSentinel({ password: 'of the sentinel' });
  });
  afterAll(async () => {
    await servers[Symbol.asyncDispose]();
  });

  /** Resolves when the replica has caught up with its master. */
  async function followed(): Promise<void> {
    const admin = new Redis(servers.master.url);
    await expect.poll(() => admin.info('replication'), { timeout: 20_000 }).toMatch(/state=online/);
    admin.disconnect();
  }

  it('confirms what it writes when the replica has it, and answers reads meanwhile', async () => {
    await using store = await openRedisOnlineStore({ url: servers.url, sentinelPassword: 'of the sentinel', clock });
    await followed();
    const write = { key: 'safe{0}', expectedStamp: null, value: stampPrefix(Uint8Array.of(1)), companions: [] };
    servers.replica.pause();
    const refused = { code: 'UNAVAILABLE', message: expect.stringMatching(/no replica has confirmed/) };
    const writing = store.compareAndSet([write]);
    expect(await store.getMany(['other{0}'])).toEqual([null]);
    await expect(writing).rejects.toMatchObject(refused);
    // It is there: who repeats the batch finds nothing to write, and still must not take it for safe.
    expect(await store.getMany(['safe{0}'])).toEqual([Buffer.from(write.value)]);
    await expect(store.compareAndSet([])).rejects.toMatchObject(refused);
    servers.replica.resume();
    await expect.poll(() => store.compareAndSet([]).catch(String), { timeout: 20_000 }).toEqual([]);
    expect(await store.compareAndSet([write])).toEqual([false]);
  });

  it('goes on at the replica when the master is killed, with its data and without its script', async () => {
    await using store = await openRedisOnlineStore({ url: servers.url, sentinelPassword: 'of the sentinel', clock });
    await followed();
    const write = (key: string) => ({
      ...{ key, expectedStamp: null, companions: [] },
      value: stampPrefix(Uint8Array.of(1)),
    });
    expect(await store.compareAndSet([write('k1{0}'), write('k2{0}')])).toEqual([true, true]);
    await servers.master.kill();
    expect(await store.getMany(['k1{0}'])).toMatchObject([{ code: 'UNAVAILABLE' }]);
    await expect
      .poll(() => store.getMany(['k1{0}', 'k3{0}']), { timeout: 30_000 })
      .toEqual([Buffer.from(write('').value), null]);
    await expect
      .poll(() => store.compareAndSet([write('k1{0}'), write('k3{0}')]).catch(String), { timeout: 30_000 })
      .toEqual([false, true]);
  });

  it('is named to the doctor as its Sentinels know it', async () => {
    const options = { url: servers.url, sentinelPassword: 'of the sentinel', clock };
    const all = await collected(redisHealth(options).checks());
    expect(all).toContainEqual(expect.objectContaining({ what: 'connection', got: 'main' }));
  });

  it('leaves no connection to a Sentinel when it is closed', async () => {
    const sentinel = new Redis(Number(new URL(servers.url).port), { password: 'of the sentinel' });
    const others = async (): Promise<number> =>
      String(await sentinel.client('LIST'))
        .trim()
        .split('\n').length - 1;
    // The servers' own Sentinel is asked by nobody else.
    const before = await others();
    const store = await openRedisOnlineStore({ url: servers.url, sentinelPassword: 'of the sentinel', clock });
    await expect.poll(others, { timeout: 5_000 }).toBeGreaterThan(before);
    await store[Symbol.asyncDispose]();
    await expect.poll(others, { timeout: 5_000 }).toBe(before);
    sentinel.disconnect();
  });

  it('refuses Sentinels that it may not ask', async () => {
    const wrong = openRedisOnlineStore({ url: servers.url, sentinelPassword: 'another', clock });
    await expect(wrong).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(wrong).rejects.not.toThrow(/another/);
    await expect(wrong).rejects.toThrow(/Correct REDIS_SENTINEL_PASSWORD/);
    const unknown = { url: servers.url.replace('/main', '/other'), sentinelPassword: 'of the sentinel', clock };
    await expect(openRedisOnlineStore(unknown)).rejects.toThrow(/knows no master other/);
    const away = `redis+sentinel://127.0.0.1:${await freePort()}/main`;
    await expect(openRedisOnlineStore({ url: away, clock })).rejects.toThrow(/ECONNREFUSED.*Start the Sentinels/);
  });
});
