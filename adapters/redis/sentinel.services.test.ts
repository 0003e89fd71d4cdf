import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stampPrefix } from '../../core/online/stamp-prefix.ts';
import { describeWithService } from '../../test/services/find-program.ts';
import { redis } from '../../test/services/redis.ts';
import { type RedisSentinel, startRedisSentinel } from '../../test/services/redis-sentinel.ts';
import { createSystemClock } from '../clock/system-clock.ts';
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

  it('goes on at the replica when the master is killed, with its data and without its script', async () => {
    await using store = await openRedisOnlineStore({ url: servers.url, sentinelPassword: 'of the sentinel', clock });
    const write = (key: string) => ({
      ...{ key, expectedStamp: null, companions: [] },
      value: stampPrefix(Uint8Array.of(1)),
    });
    expect(await store.compareAndSet([write('k1{0}'), write('k2{0}')])).toEqual([true, true]);
    const admin = new Redis(servers.master.url);
    expect(await admin.wait(1, 5_000)).toBe(1);
    admin.disconnect();
    await servers.master.kill();
    expect(await store.getMany(['k1{0}'])).toMatchObject([{ code: 'UNAVAILABLE' }]);
    await expect
      .poll(() => store.getMany(['k1{0}', 'k3{0}']), { timeout: 30_000 })
      .toEqual([Buffer.from(write('').value), null]);
    await expect
      .poll(() => store.compareAndSet([write('k1{0}'), write('k3{0}')]).catch(String), { timeout: 30_000 })
      .toEqual([false, true]);
  });

  it('refuses Sentinels that it may not ask', async () => {
    const wrong = openRedisOnlineStore({ url: servers.url, sentinelPassword: 'another', clock });
    await expect(wrong).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(wrong).rejects.not.toThrow(/another/);
  });
});
