import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { expect } from 'vitest';
import { type AsofProcess, waitFor } from './asof-process.ts';
import { hearUpdates } from './heard-updates.ts';
import { push } from './same-reads.ts';
import type { SeparateProcesses } from './separate-processes.ts';

/** A subscriber's cursor outlives the gateway, and the process that told it; beyond the buffer it is told so. */
export async function checkResuming(processes: SeparateProcesses, redisUrl: string): Promise<void> {
  const online = processes.of('online');
  let gateway = processes.of('gateway');
  let flightId = 9_400_000;
  const land = (process: AsofProcess, origin: string) => {
    const landing = { origin, destination: 'ORD', delayMinutes: 7, distanceMiles: 606 };
    return push(process, [{ flightId: flightId++, ...landing, landedAt: '2001-05-31T23:55:00Z' }]);
  };
  const first = hearUpdates(gateway, 'origin_delays', null);
  const began = first.next();
  // Whatever was subscribed too late to hear the first is told of the next.
  const heard = await waitFor(async () => {
    await land(gateway, 'XA0');
    return Promise.race([began, delay(500).then(() => undefined)]);
  }, 20_000);
  await first.close();
  expect(heard).toMatchObject({ keys: [['XA0']], lagged: false });

  const resumed = hearUpdates(gateway, 'origin_delays', heard.cursor);
  await land(gateway, 'XA1');
  let last = await resumed.next();
  while (last.keys[0]![0] === 'XA0') last = await resumed.next();
  expect(last.keys).toEqual([['XA1']]);
  await resumed.close();

  await processes.of('gateway').stop('SIGKILL');
  const missed = ['XA2', 'XA3', 'XA4'];
  for (const origin of missed) await land(online, origin);
  await processes.start('gateway');
  gateway = processes.of('gateway');
  await processes.whole(30_000);
  const later = hearUpdates(gateway, 'origin_delays', last.cursor);
  const told = [await later.next(), await later.next(), await later.next()];
  expect(told.map(({ keys }) => keys[0]![0]).sort()).toEqual(missed);
  expect(told.some(({ lagged }) => lagged)).toBe(false);
  await land(gateway, 'XA5');
  expect(await later.next()).toMatchObject({ keys: [['XA5']], lagged: false });
  await later.close();

  // All but the newest is gone, and nobody remembers it.
  await processes.of('online').stop('SIGTERM');
  const admin = new Redis(redisUrl);
  await admin.xtrim('live:{live}', 'MAXLEN', 1);
  await admin.quit();
  await processes.start('online');
  await processes.whole(30_000);
  const lagging = hearUpdates(gateway, 'origin_delays', last.cursor);
  await land(gateway, 'XA6');
  let next = await lagging.next();
  expect(next.lagged).toBe(true);
  while (next.keys[0]![0] !== 'XA6') next = await lagging.next();
  await lagging.close();
}
