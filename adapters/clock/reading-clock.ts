import type { DataClock, SystemClock } from '../../core/ports/clocks.ts';
import type { Instant } from '../../core/values/types.ts';
import { createDataTime } from './data-time.ts';

/**
 * The system's time as data time, for a process that only reads and stamps nothing: it keeps no file.
 *
 * @param floor what the clock of whoever stamps arrivals showed when this process began; never less
 */
export function createReadingClock(systemClock: Pick<SystemClock, 'nowMillis'>, floor: Instant): DataClock {
  const raw = (): Instant => Math.floor(systemClock.nowMillis());
  const time = createDataTime({ raw, floor, onGrant() {} });
  return {
    now: time.now,
    readInstant: time.readInstant,
    stampArrival: time.stampArrival,
    systemMillisUntil: (instant) => Math.max(0, instant - Math.min(time.now(), raw())),
  };
}
