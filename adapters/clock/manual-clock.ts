import type { DataClock, SystemClock } from '../../core/ports/clocks.ts';
import type { Instant } from '../../core/values/types.ts';
import { createDataTime } from './data-time.ts';

/** Both clocks at once, moved by hand; for tests and simulations. */
export interface ManualClock extends SystemClock, DataClock {
  /**
   * Moves time on, stopping at each sleeper that falls due, oldest first, and letting what it woke run before the
   * next. With no sleeper on the way the time has moved when the call returns.
   */
  advance(millis: number): Promise<void>;
  /** `advance` to an instant; an instant that has passed changes nothing. */
  advanceTo(instant: Instant): Promise<void>;
  /** How many sleepers wait. */
  readonly sleeping: number;
}

interface Sleeper {
  readonly due: Instant;
  wake(): void;
}

/** Starts at `at`. Time stands still until `advance`. */
export function createManualClock({ at }: { readonly at: Instant }): ManualClock {
  let present = at;
  const sleepers = new Set<Sleeper>();
  const time = createDataTime({ raw: () => Math.floor(present), floor: at, onGrant: () => {} });

  const nextDue = (until: Instant): Sleeper | null => {
    let next: Sleeper | null = null;
    for (const sleeper of sleepers) {
      if (sleeper.due <= until && (next === null || sleeper.due < next.due)) next = sleeper;
    }
    return next;
  };
  const advanceTo = async (instant: Instant): Promise<void> => {
    for (let next = nextDue(instant); next !== null; next = nextDue(instant)) {
      present = Math.max(present, next.due);
      sleepers.delete(next);
      next.wake();
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    present = Math.max(present, instant);
  };

  return {
    nowMillis: () => present,
    sleep: (millis, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason);
          return;
        }
        const abort = (): void => {
          sleepers.delete(sleeper);
          reject(signal?.reason);
        };
        const sleeper: Sleeper = {
          due: present + Math.max(0, millis),
          wake: () => {
            signal?.removeEventListener('abort', abort);
            resolve();
          },
        };
        signal?.addEventListener('abort', abort, { once: true });
        sleepers.add(sleeper);
      }),
    now: time.now,
    readInstant: time.readInstant,
    stampArrival: time.stampArrival,
    systemMillisUntil: (instant) => Math.max(0, instant - present),
    advance: (millis) => advanceTo(present + millis),
    advanceTo,
    get sleeping() {
      return sleepers.size;
    },
  };
}
