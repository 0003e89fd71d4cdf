import type { SystemClock } from '../core/ports/clocks.ts';
import { linkSignals } from '../core/time/linked-signal.ts';

/** Wakes the one who listens; a ring that came while nobody did is heard by the next. */
export interface Bell {
  ring(): void;
  /** Resolves at the next ring, when the time is over, or when the signal aborts. */
  heard(
    signal: AbortSignal,
    within?: { readonly clock: Pick<SystemClock, 'sleep'>; readonly millis: number },
  ): Promise<void>;
}

export function createBell(): Bell {
  let hasRung = false;
  let wake = (): void => {};
  return {
    ring() {
      hasRung = true;
      wake();
    },
    async heard(signal, within) {
      const over = new AbortController();
      using either = linkSignals(signal, over.signal);
      const ends = either.signal;
      if (!hasRung && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          ends.addEventListener('abort', () => resolve(), { once: true });
          within?.clock.sleep(within.millis, ends).then(resolve, () => {});
        });
        over.abort();
      }
      hasRung = false;
    },
  };
}
