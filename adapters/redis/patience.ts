import type { SystemClock } from '../../core/ports/clocks.ts';

const stepMillis = 100;

/**
 * Waits so long, but counts no more than a step of the time in which this process was busy with something else: a reply that
 * nobody has had the time to read is not one that did not come. Rejects with the signal's reason.
 */
export async function runOutOfPatience(clock: SystemClock, millis: number, signal: AbortSignal): Promise<void> {
  for (let left = millis; left > 0; left -= stepMillis) {
    await clock.sleep(Math.min(stepMillis, left), signal);
    // Timers come before input.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
