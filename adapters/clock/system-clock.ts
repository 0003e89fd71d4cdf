import type { SystemClock } from '../../core/ports/clocks.ts';

/** The operating system's clock and timers. A pending sleep keeps the process alive until its signal aborts it. */
export function createSystemClock(): SystemClock {
  return {
    nowMillis: () => Date.now(),
    sleep: (millis, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason);
          return;
        }
        const abort = (): void => {
          clearTimeout(timer);
          reject(signal?.reason);
        };
        let timer: NodeJS.Timeout;
        const wait = (left: number): void => {
          timer = setTimeout(
            () => {
              if (left > longestTimeoutMillis) return wait(left - longestTimeoutMillis);
              signal?.removeEventListener('abort', abort);
              resolve();
            },
            Math.min(Math.max(0, left), longestTimeoutMillis),
          );
        };
        wait(millis);
        signal?.addEventListener('abort', abort, { once: true });
      }),
  };
}

/** Node fires a longer timeout at once instead of late. */
const longestTimeoutMillis = 2 ** 31 - 1;
