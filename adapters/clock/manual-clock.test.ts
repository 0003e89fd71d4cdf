import { describe, expect, it } from 'vitest';
import { dataClockContract } from '../../test/contracts/data-clock.ts';
import { createManualClock } from './manual-clock.ts';

dataClockContract('a manual clock', (at) => {
  const clock = createManualClock({ at });
  return { clock, move: (millis) => clock.advance(Math.max(0, millis)) };
});

describe('createManualClock', () => {
  it('wakes sleepers in the order they fall due, each at its time', async () => {
    const clock = createManualClock({ at: 1_000 });
    const woken: string[] = [];
    const sleep = async (name: string, millis: number): Promise<void> => {
      await clock.sleep(millis);
      woken.push(`${name} at ${clock.nowMillis()}`);
    };
    void sleep('late', 300);
    void sleep('early', 100);
    await clock.advance(99);
    expect(woken).toEqual([]);
    await clock.advance(1);
    expect(woken).toEqual(['early at 1100']);
    await clock.advance(1_000);
    expect(woken).toEqual(['early at 1100', 'late at 1300']);
    expect(clock.nowMillis()).toBe(2_100);
  });

  it('lets a loop that sleeps run through one advance', async () => {
    const clock = createManualClock({ at: 0 });
    const ticks: number[] = [];
    const stop = new AbortController();
    const loop = (async () => {
      while (!stop.signal.aborted) {
        await clock.sleep(10, stop.signal).catch(() => {});
        ticks.push(clock.nowMillis());
      }
    })();
    await clock.advance(50);
    expect(ticks).toEqual([10, 20, 30, 40, 50]);
    stop.abort();
    await loop;
    expect(clock.sleeping).toBe(0);
  });

  it('rejects an aborted sleep with the signal’s reason', async () => {
    const clock = createManualClock({ at: 0 });
    const stop = new AbortController();
    const sleeping = clock.sleep(10, stop.signal);
    stop.abort(new Error('enough'));
    await expect(sleeping).rejects.toThrowError('enough');
    await expect(clock.sleep(10, stop.signal)).rejects.toThrowError('enough');
    expect(clock.sleeping).toBe(0);
  });
});
