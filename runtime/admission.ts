import { AsofError } from '../core/errors/asof-error.ts';
import type { Metrics } from './metrics.ts';

/** Lets in as many requests as this process can have under way; refused at once, a client can ask elsewhere. */
export interface Admission {
  /**
   * Call what it returns when the request is answered.
   *
   * @throws AsofError UNAVAILABLE when there are as many as may be
   */
  enter(): () => void;
}

export function createAdmission(most: number, { requestsRefused }: Pick<Metrics, 'requestsRefused'>): Admission {
  let underWay = 0;
  const leave = (): void => {
    underWay--;
  };
  return {
    enter() {
      if (underWay >= most) {
        requestsRefused.inc();
        throw new AsofError('UNAVAILABLE', 'this process has more to do than it can', {
          expected: `at most ${most} requests at once`,
          remedy: 'Try again in a moment (Retry-After), or run more processes.',
        });
      }
      underWay++;
      return leave;
    },
  };
}
