import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { formatInstant } from '../../../core/values/json.ts';
import { openCrowd } from './crowd.ts';
import { type Fault, noticeMillis } from './fault.ts';

const [sockets, perSocket, users] = [100, 100, 1_000];
/** Of the gateway and of the online process, with ten thousand subscriptions and twice while they come back. */
const mostBytes = 1.5 * 1024 ** 3;
const hearMillis = 120_000;
const tellEveryMillis = 5_000;

/** Nobody else reads these. */
const names = Array.from({ length: users }, (_, index) => `crowd${index}`);

export const faultsOfSubscribers: readonly Fault[] = [
  {
    number: 20,
    name: '10,000 subscribers connect again at once, the gateway having been killed',
    async strike(world) {
      const { processes } = world;
      await using crowd = await openCrowd(() => processes.of('gateway').url, { sockets, perSocket, names });
      let orderId = 20_000_000;
      const tell = async (told: readonly string[]) => {
        const at = formatInstant(Date.now());
        const rows = told.map((userId) => ({ orderId: orderId++, at, userId, product: 'p1', amount: '1.00' }));
        await world.log.append(
          'orders',
          rows.map((row) => ({ key: row.userId, payload: Buffer.from(JSON.stringify(row)) })),
        );
      };
      /** Whoever was not subscribed yet is told the next time. */
      const untilAllHear = async () => {
        crowd.forget();
        for (const until = Date.now() + hearMillis; crowd.deaf() > 0; await delay(tellEveryMillis)) {
          if (Date.now() > until)
            throw new Error(`${crowd.deaf()} of ${sockets * perSocket} hear nothing: ${crowd.told()}`);
          await tell(crowd.unheard());
        }
      };
      await untilAllHear();
      await world.kill('gateway');
      await delay(noticeMillis);
      await world.start('gateway');
      await untilAllHear();
      expect(crowd.wrong).toEqual([]);
      for (const name of ['gateway', 'online'] as const)
        expect(residentBytes(processes.of(name).pid)).toBeLessThan(mostBytes);
    },
  },
];

function residentBytes(pid: number): number {
  const [, kilobytes = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
