import type { SystemClock } from '../ports/clocks.ts';

/** Ends the waiting for what takes too long, all of it after the same time. */
export interface Deadline {
  /** Whether the work was done in time; rejects as it does. Work that is late goes on, and nobody waits for it. */
  within(work: Promise<unknown>): Promise<boolean>;
  /** Wakes nobody any more. */
  close(): void;
}

interface Waiting {
  readonly until: number;
  giveUp(): void;
}

/**
 * One timer for all: who waits as long as everybody else is late in the order of coming. A timer and its abort signal
 * for each would take longer than a read of Redis, and the answer to a query.
 */
export function createDeadline(clock: SystemClock, millis: number): Deadline {
  const closed = new AbortController();
  /** In the order of coming. */
  const waiting = new Set<Waiting>();
  let isWatching = false;

  const watch = async (): Promise<void> => {
    isWatching = true;
    try {
      for (let [next] = waiting; next !== undefined; [next] = waiting) {
        await clock.sleep(Math.min(millis, next.until - clock.nowMillis()), closed.signal);
        // When this process was busy the reply may be there, unread: timers come before input.
        await new Promise<void>((resolve) => setImmediate(resolve));
        const now = clock.nowMillis();
        for (const one of waiting) {
          // Further ahead than anybody waits: the clock went back.
          if (one.until > now && one.until <= now + millis) break;
          waiting.delete(one);
          one.giveUp();
        }
      }
    } catch (error) {
      if (!closed.signal.aborted) throw error;
    } finally {
      isWatching = false;
    }
  };

  return {
    within: (work) =>
      new Promise((resolve, reject) => {
        const one: Waiting = { until: clock.nowMillis() + millis, giveUp: () => resolve(false) };
        waiting.add(one);
        if (!isWatching) void watch();
        work.then(
          () => {
            waiting.delete(one);
            resolve(true);
          },
          (error) => {
            waiting.delete(one);
            reject(error);
          },
        );
      }),
    close: () => closed.abort(new Error('the deadline is closed')),
  };
}
