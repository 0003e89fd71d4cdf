import type { SystemClock } from '../core/ports/clocks.ts';

/** Who has run for so long has begun well: when it ends, it begins again at once. */
const steadyMillis = 60_000;
const firstPauseMillis = 1_000;
const longestPauseMillis = 30_000;

export interface KeepRunningDeps {
  readonly systemClock: SystemClock;
  /** From its abort on nothing begins again. */
  readonly signal: AbortSignal;
  /** Told before each beginning but the first how long it waits for it. */
  readonly onPause: (millis: number) => void;
}

/**
 * Has `run` begin again whenever it has ended: at once, and after a growing pause when it ends again soon. Resolves when
 * the signal has aborted and what ran has ended.
 */
export async function keepRunning(
  run: () => Promise<void>,
  { systemClock, signal, onPause }: KeepRunningDeps,
): Promise<void> {
  let soonEnds = 0;
  while (!signal.aborted) {
    const beganMillis = systemClock.nowMillis();
    await run();
    if (signal.aborted) return;
    if (systemClock.nowMillis() - beganMillis >= steadyMillis) soonEnds = 0;
    const pauseMillis = soonEnds === 0 ? 0 : Math.min(firstPauseMillis * 2 ** (soonEnds - 1), longestPauseMillis);
    soonEnds++;
    onPause(pauseMillis);
    if (pauseMillis > 0) await systemClock.sleep(pauseMillis, signal).catch(() => {});
  }
}
