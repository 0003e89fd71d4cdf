import { findingsOf } from '../../core/health/findings.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { HealthCheck } from '../../core/ports/health-check.ts';
import { readReserved } from './data-clock.ts';

/** More than a running process reserves ahead. */
const toleratedMillis = 5_000;

/** Whether the system's clock is behind the instants that were given out already, as `clock.json` remembers them. */
export function clockHealth({
  file,
  systemClock,
}: {
  readonly file: string;
  readonly systemClock: SystemClock;
}): HealthCheck {
  const { ok, holds, failed } = findingsOf('clock');
  return {
    service: 'clock',
    async *checks() {
      try {
        const reserved = readReserved(file);
        const now = systemClock.nowMillis();
        const got = new Date(now).toISOString();
        if (reserved === null) return yield ok('system time, UTC', got);
        yield holds(reserved <= now + toleratedMillis, 'fail', {
          what: 'system time, UTC',
          expected: `at least ${new Date(reserved).toISOString()}, which was given out already`,
          got,
          remedy: 'Set the system’s clock (NTP); until it gets there data time stands still',
        });
      } catch (error) {
        yield failed('clock', error);
      }
    },
  };
}
