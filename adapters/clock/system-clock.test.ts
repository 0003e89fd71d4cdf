import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createSystemClock } from './system-clock.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

it('sleeps as long as asked', async () => {
  const clock = createSystemClock();
  expect(clock.nowMillis()).toBe(1_000);
  let isAwake = false;
  const sleeping = clock.sleep(50).then(() => {
    isAwake = true;
  });
  await vi.advanceTimersByTimeAsync(49);
  expect(isAwake).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await sleeping;
  expect(clock.nowMillis()).toBe(1_050);
});

it('is woken by its signal, with its reason, and leaves no timer behind', async () => {
  const clock = createSystemClock();
  const stop = new AbortController();
  const sleeping = clock.sleep(50, stop.signal);
  stop.abort(new Error('enough'));
  await expect(sleeping).rejects.toThrowError('enough');
  await expect(clock.sleep(50, stop.signal)).rejects.toThrowError('enough');
  expect(vi.getTimerCount()).toBe(0);
});

it('sleeps longer than a timer can', async () => {
  let isAwake = false;
  const day = 86_400_000;
  const sleeping = createSystemClock()
    .sleep(60 * day)
    .then(() => {
      isAwake = true;
    });
  await vi.advanceTimersByTimeAsync(60 * day - 1);
  expect(isAwake).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await sleeping;
  expect(isAwake).toBe(true);
});
