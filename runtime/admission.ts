import { performance } from 'node:perf_hooks';
import { AsofError } from '../core/errors/asof-error.ts';
import { withoutStack } from '../core/errors/without-stack.ts';
import type { SystemClock } from '../core/ports/clocks.ts';
import type { Metrics } from './metrics.ts';

/** Lets in as many requests as this process can answer soon; refused at once, a client can ask elsewhere. */
export interface Admission {
  /**
   * Call what it returns when the request is answered.
   *
   * @throws AsofError UNAVAILABLE when there are as many as may be, or it would wait behind too many others
   */
  enter(): () => void;
}

/** How long requests may wait for one another. */
const waitMillis = 100;
/** Over how long it is measured what this process answers: a burst that is worked off sooner is taken whole. */
const windowMillis = 100;
/** The share of a time in which the event loop had work, from which on nothing is left over. */
const busyShare = 0.95;
/** So many are taken however long each takes: a few clients with large requests are no crowd. */
const fewest = 64;

/**
 * A process that always has work makes those wait who come: as many at a time as are under way, over as many as it answers in
 * that time (Little's law). Where it mostly waits itself, for a store, refusing would help nobody.
 *
 * @param deps.most requests under way at once, whatever they wait for
 * @param deps.busy the share of the time since it was last called in which the event loop had work; absent = as Node says
 */
export function createAdmission(deps: {
  readonly most: number;
  readonly metrics: Pick<Metrics, 'requestsRefused'>;
  readonly systemClock: Pick<SystemClock, 'nowMillis'>;
  readonly busy?: () => number;
}): Admission {
  const { most, metrics, systemClock, busy = eventLoopBusy() } = deps;
  let underWay = 0;
  let [began, answered, room] = [systemClock.nowMillis(), 0, most];

  const leave = (): void => {
    underWay--;
    answered++;
  };

  function measure(): void {
    const now = systemClock.nowMillis();
    const passed = now - began;
    // Negative: the clock went back.
    if (passed >= 0 && passed < windowMillis) return;
    const soon = Math.max(fewest, Math.floor((answered / passed) * waitMillis));
    room = busy() < busyShare ? most : Math.min(most, soon);
    [began, answered] = [now, 0];
  }

  return {
    enter() {
      measure();
      if (underWay >= room) {
        metrics.requestsRefused.inc();
        throw withoutStack(
          () =>
            new AsofError('UNAVAILABLE', 'this process has more to do than it can', {
              expected: `at most ${room} requests at once`,
              remedy: 'Try again in a moment (Retry-After), or run more processes.',
            }),
        );
      }
      underWay++;
      return leave;
    },
  };
}

function eventLoopBusy(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}
