import type { SystemClock } from '../../core/ports/clocks.ts';

/** Whether the work was done in time; rejects as it does. Work that is late goes on, and nobody waits for it. */
export async function withinDeadline(clock: SystemClock, work: Promise<unknown>, millis: number): Promise<boolean> {
  const done = new AbortController();
  const timeout = clock
    .sleep(millis, done.signal)
    // When this process was busy the reply may be there, unread: timers come before input.
    .then(() => new Promise<void>((resolve) => setImmediate(resolve)))
    .then(
      () => false,
      () => true,
    );
  try {
    return await Promise.race([work.then(() => true), timeout]);
  } finally {
    done.abort();
  }
}
