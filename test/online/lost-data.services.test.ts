import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { createSystemClock } from '../../adapters/clock/system-clock.ts';
import { openRedisOnlineStore } from '../../adapters/redis/open.ts';
import { describeWithService } from '../services/find-program.ts';
import { freePort } from '../services/free-port.ts';
import { redis, startRedis } from '../services/redis.ts';
import { createOnlineWorld } from './online-world.ts';

describeWithService('requests over a Redis that loses its data', redis, () => {
  it('say NOT_READY from the first read on, after FLUSHALL and after a restart', async () => {
    const port = String(await freePort());
    await using first = await startRedis({ port });
    await using store = await openRedisOnlineStore({ url: first.url, clock: createSystemClock() });
    const world = await createOnlineWorld({ store });
    const row = { landedAt: '2001-06-01T11:59:00Z', origin: 'ATL', destination: 'ORD', delayMinutes: 20, fare: '9.50' };
    const land = async (flightId: number): Promise<void> => {
      await world.apply('landings', [{ flightId, ...row }]);
      await world.clock.advance(1_000);
    };
    const read = async (): Promise<unknown> => {
      const { data, errors } = await world.query(
        '{ airport(iata: "ATL") { originDelays { landed1h meta { status } } } }',
      );
      return errors?.[0]?.message ?? data?.airport;
    };
    const notReady = { originDelays: { landed1h: null, meta: { status: 'NOT_READY' } } };
    await land(1);
    expect(await read()).toEqual({ originDelays: { landed1h: 1, meta: { status: 'PRESENT' } } });

    const admin = new Redis(first.url);
    await admin.flushall();
    await admin.quit();
    expect(await read()).toEqual(notReady);
    // What the stream writes is a part, and never served as if it were whole.
    await land(2);
    expect(await read()).toEqual(notReady);

    await first.kill();
    expect(await read()).toMatch(/did not answer for this key/);
    await using _second = await startRedis({ port });
    await expect.poll(read, { timeout: 10_000 }).toEqual(notReady);
  });
});
