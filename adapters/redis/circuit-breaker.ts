import type { SystemClock } from '../../core/ports/clocks.ts';
import { remainingMillis } from '../../core/time/remaining.ts';

/**
 * Spares a server that does not answer, and its callers the wait. After some failures in a row it is open: nobody may
 * ask for a while. Then one caller may, and what it finds closes the breaker or opens it again.
 */
export interface CircuitBreaker {
  /** Whether to ask the server now. Who was told true says afterwards how it went. */
  mayAsk(): boolean;
  settle(outcome: 'answered' | 'failed'): void;
}

export interface BreakerOptions {
  readonly clock: Pick<SystemClock, 'nowMillis'>;
  readonly failures?: number;
  readonly openMillis?: number;
  readonly onChange: (isOpen: boolean) => void;
}

const defaultFailures = 5;
const defaultOpenMillis = 1_000;

type State =
  | { readonly kind: 'closed'; readonly failures: number }
  | { readonly kind: 'open'; readonly until: number }
  | { readonly kind: 'probing' };

export function createCircuitBreaker({
  clock,
  failures = defaultFailures,
  openMillis = defaultOpenMillis,
  onChange,
}: BreakerOptions): CircuitBreaker {
  let state: State = { kind: 'closed', failures: 0 };
  const open = (): void => {
    if (state.kind === 'closed') onChange(true);
    state = { kind: 'open', until: clock.nowMillis() + openMillis };
  };
  return {
    mayAsk() {
      if (state.kind === 'closed') return true;
      if (state.kind === 'probing') return false;
      if (remainingMillis(state.until, clock.nowMillis(), openMillis) > 0) return false;
      state = { kind: 'probing' };
      return true;
    },
    settle(outcome) {
      // What was asked before the breaker opened says nothing of the server now.
      if (state.kind === 'open') return;
      if (outcome === 'answered') {
        if (state.kind === 'probing') onChange(false);
        state = { kind: 'closed', failures: 0 };
      } else if (state.kind === 'probing' || state.failures + 1 >= failures) {
        open();
      } else {
        state = { kind: 'closed', failures: state.failures + 1 };
      }
    },
  };
}
