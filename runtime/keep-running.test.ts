import { expect, it } from 'vitest';
import { createManualClock } from '../adapters/clock/manual-clock.ts';
import { keepRunning } from './keep-running.ts';

/** A run that lasts until `end`, and when each began. */
function watched() {
  const systemClock = createManualClock({ at: 0 });
  const stopping = new AbortController();
  const began: number[] = [];
  const pauses: number[] = [];
  let end = (): void => {};
  const kept = keepRunning(
    () =>
      new Promise((resolve) => {
        began.push(systemClock.nowMillis());
        end = resolve;
      }),
    { systemClock, signal: stopping.signal, onPause: (millis) => pauses.push(millis) },
  );
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return {
    systemClock,
    began,
    pauses,
    kept,
    async endsAfter(millis: number) {
      await systemClock.advance(millis);
      end();
      await turn();
    },
    async stop() {
      stopping.abort(new Error('over'));
      await turn();
    },
    end: () => end(),
  };
}

it('begins again at once, and later each time when it ends again soon, up to half a minute', async () => {
  const { began, pauses, endsAfter, systemClock } = watched();
  await endsAfter(100);
  expect(began).toEqual([0, 100]);
  for (let round = 0; round < 7; round++) {
    await endsAfter(0);
    await systemClock.advance(pauses.at(-1)!);
  }
  expect(pauses).toEqual([0, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  expect(began.at(-1)).toBe(100 + 91_000);
});

it('begins at once again when it has run for a while', async () => {
  const { pauses, endsAfter, systemClock } = watched();
  await endsAfter(0);
  await endsAfter(10);
  await systemClock.advance(1_000);
  await endsAfter(60_000);
  expect(pauses).toEqual([0, 1_000, 0]);
});

it('ends when it is told to, and waits for what runs', async () => {
  const { began, kept, stop, end } = watched();
  let isOver = false;
  void kept.then(() => {
    isOver = true;
  });
  await stop();
  expect(isOver).toBe(false);
  end();
  await kept;
  expect(began).toHaveLength(1);
});

it('does not wait for a pause when it is told to end', async () => {
  const { began, kept, endsAfter, stop } = watched();
  await endsAfter(0);
  await endsAfter(0);
  await stop();
  await kept;
  expect(began).toHaveLength(2);
});
