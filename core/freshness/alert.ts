import type { AlertState } from '../ports/freshness.ts';
import type { Instant } from '../values/types.ts';

/** When a view's staleness becomes an alert; all in milliseconds on the DataClock. */
export interface AlertRule {
  /** Stale above this age. */
  readonly triggerMillis: number;
  /** Fresh again at or below this age; at most the trigger level, so that an age around it does not flap. */
  readonly clearMillis: number;
  /** Stale for so long before it fires. */
  readonly forMillis: number;
  /** Fresh for so long before it is resolved. */
  readonly keepFiringForMillis: number;
}

/** Where one rule stands; `since` is when it got there. */
export interface AlertStanding {
  readonly state: AlertState;
  readonly since: Instant;
}

export interface AlertStep {
  readonly standing: AlertStanding;
  /** What subscribers are told: at most one FIRING, then one RESOLVED, per incident. */
  readonly transition: 'FIRING' | 'RESOLVED' | null;
}

export const calm: AlertStanding = { state: 'OK', since: 0 };

/** One step: OK → PENDING → FIRING → RESOLVING → OK. A relapse while RESOLVING goes on with the same incident. */
export function stepAlert(
  { state, since }: AlertStanding,
  rule: AlertRule,
  ageMillis: number,
  now: Instant,
): AlertStep {
  const stay: AlertStep = { standing: { state, since }, transition: null };
  const to = (next: AlertState, transition: AlertStep['transition'] = null): AlertStep => ({
    standing: { state: next, since: now },
    transition,
  });
  switch (state) {
    case 'OK':
      if (ageMillis <= rule.triggerMillis) return stay;
      return rule.forMillis === 0 ? to('FIRING', 'FIRING') : to('PENDING');
    case 'PENDING':
      if (ageMillis <= rule.triggerMillis) return to('OK');
      return now - since >= rule.forMillis ? to('FIRING', 'FIRING') : stay;
    case 'FIRING':
      if (ageMillis > rule.clearMillis) return stay;
      return rule.keepFiringForMillis === 0 ? to('OK', 'RESOLVED') : to('RESOLVING');
    case 'RESOLVING':
      if (ageMillis > rule.clearMillis) return to('FIRING');
      return now - since >= rule.keepFiringForMillis ? to('OK', 'RESOLVED') : stay;
  }
}
