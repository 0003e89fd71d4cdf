import { AsofError } from '../core/errors/asof-error.ts';
import type { DataClock, SystemClock } from '../core/ports/clocks.ts';
import { formatInstant } from '../core/values/json.ts';
import type { Instant } from '../core/values/types.ts';

/** A read that is at most so far ahead of the clock waits for it: `readAt` of a read that was just made. */
const waitMillis = 1_000;

/**
 * Resolves when the instant that a client asks about has come.
 *
 * @param path the argument it is given in, for the error
 * @throws AsofError BAD_INPUT when that is more than a second away
 */
export async function untilPast(
  { clock, systemClock }: { readonly clock: DataClock; readonly systemClock: SystemClock },
  path: string,
  instant: Instant,
): Promise<void> {
  if (instant <= clock.now()) return;
  const ahead = clock.systemMillisUntil(instant);
  if (ahead > waitMillis) {
    throw new AsofError('BAD_INPUT', 'this instant has not come yet', {
      path,
      expected: `at most ${formatInstant(clock.now())}`,
      got: formatInstant(instant),
      remedy: 'Ask for a time that has passed; leave the time out to read the present.',
    });
  }
  await systemClock.sleep(ahead);
}
