import { expect, it } from 'vitest';
import { createManualClock } from '../../adapters/clock/manual-clock.ts';
import { createDeadline } from './deadline.ts';

const never = new Promise<void>(() => {});

it('tells what was done in time from what was not, by one timer', async () => {
  const clock = createManualClock({ at: 0 });
  const deadline = createDeadline(clock, 100);
  const early = deadline.within(never);
  await clock.advance(40);
  const later = deadline.within(never);
  const done = deadline.within(Promise.resolve());
  const failed = deadline.within(Promise.reject(new Error('as the work does')));
  expect(clock.sleeping).toBe(1);
  expect(await done).toBe(true);
  await expect(failed).rejects.toThrow('as the work does');
  let isLater: boolean | null = null;
  void later.then((inTime) => {
    isLater = inTime;
  });
  await clock.advance(60);
  expect([await early, isLater]).toEqual([false, null]);
  await clock.advance(40);
  expect(await later).toBe(false);
  deadline.close();
});

it('stops its timer when it is closed', async () => {
  const clock = createManualClock({ at: 0 });
  const deadline = createDeadline(clock, 100);
  void deadline.within(never);
  expect(clock.sleeping).toBe(1);
  deadline.close();
  expect(clock.sleeping).toBe(0);
});

it('keeps nobody waiting for a clock that went back', async () => {
  const clock = createManualClock({ at: 3_600_000 });
  let back = 0;
  const deadline = createDeadline({ sleep: clock.sleep, nowMillis: () => clock.nowMillis() - back }, 100);
  const late = deadline.within(never);
  back = 3_600_000;
  await clock.advance(100);
  expect(await late).toBe(false);
  deadline.close();
});
