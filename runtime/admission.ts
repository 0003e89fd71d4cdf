import { AsofError } from '../core/errors/asof-error.ts';
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

/** How long requests may go on coming in within one turn of the event loop: all of them wait for one another. */
const turnMillis = 5;
/** Turns may be longer for so long: a burst, or one request that takes long, is worked off and nobody is refused. */
const patienceMillis = 100;
/** So many under way are taken however long their turns are: a few clients with large requests are no crowd. */
const fewest = 64;

/**
 * A process with too much to do reads more requests in each turn of its event loop than in the turn before, and each waits
 * for all others of its turn. So, when every turn of a tenth of a second was long, what comes late in a turn is refused until
 * turns are short again: as in CoDel, it is the delay that counts, and only one that stays.
 *
 * @param deps.most requests under way at once, whatever they wait for
 */
export function createAdmission(deps: {
  readonly most: number;
  readonly metrics: Pick<Metrics, 'requestsRefused'>;
  readonly systemClock: Pick<SystemClock, 'nowMillis'>;
}): Admission {
  const { most, metrics, systemClock } = deps;
  let underWay = 0;
  /** When the first request of this turn came; null = none has come. */
  let turnBegan: number | null = null;
  /** Of turns that were all long, one soon after the other: when the first began and the last ended; null = the last was not. */
  let long: { readonly since: number; readonly until: number } | null = null;
  let refusesUntil = Number.NEGATIVE_INFINITY;

  const leave = (): void => {
    underWay--;
  };

  function endTurn(): void {
    const began = turnBegan!;
    const now = systemClock.nowMillis();
    turnBegan = null;
    if (now - began <= turnMillis) {
      long = null;
      return;
    }
    const since = long !== null && began - long.until <= patienceMillis ? long.since : began;
    long = { since, until: now };
    if (now < refusesUntil || now - since >= patienceMillis) refusesUntil = now + patienceMillis;
  }

  function refuse(expected: string): never {
    metrics.requestsRefused.inc();
    throw new AsofError('UNAVAILABLE', 'this process has more to do than it can', {
      expected,
      remedy: 'Try again in a moment (Retry-After), or run more processes.',
    });
  }

  return {
    enter() {
      if (underWay >= most) refuse(`at most ${most} requests at once`);
      const now = systemClock.nowMillis();
      if (turnBegan === null) {
        turnBegan = now;
        setImmediate(endTurn);
      } else if (underWay >= fewest && now < refusesUntil && now - turnBegan > turnMillis) {
        refuse(`at most ${fewest} requests at once, or as many as begin within ${turnMillis} ms`);
      }
      underWay++;
      return leave;
    },
  };
}
