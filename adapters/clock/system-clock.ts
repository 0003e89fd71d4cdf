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
        const timer = setTimeout(() => {
          signal?.removeEventListener('abort', abort);
          resolve();
        }, clampTimeout(millis));
        signal?.addEventListener('abort', abort, { once: true });
      }),
  };
}

/** Node fires a longer timeout at once instead of late. */
const longestTimeoutMillis = 2 ** 31 - 1;

function clampTimeout(millis: number): number {
  return Math.min(Math.max(0, millis), longestTimeoutMillis);
}
