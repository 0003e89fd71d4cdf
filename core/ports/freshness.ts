import type { Instant } from '../values/types.ts';

export const alertStates = ['OK', 'PENDING', 'FIRING', 'RESOLVING'] as const;
export type AlertState = (typeof alertStates)[number];

/** How far a view's online values run behind its source (SEMANTICS.md, freshness). */
export interface FreshnessReport {
  readonly view: string;
  readonly version: number;
  readonly slaMillis: number | null;
  /** Age by arrival of the oldest unapplied record; 0 when nothing waits. An idle source is not stale. */
  readonly ageMillis: number;
  readonly stale: boolean;
  /** Newest arrival − event time applied last; null before the first record. */
  readonly eventTimeLagMillis: number | null;
  /** Arrival → applied, of the last batch; null before the first. */
  readonly pipelineLatencyMillis: number | null;
  /** Unapplied records. */
  readonly backlog: number;
  readonly state: AlertState;
  readonly checkedAt: Instant;
}

export interface FreshnessMonitor {
  report(view: string): FreshnessReport | null;
}

/** One open incident per rule; stored in the registry's `incidents`. */
export interface FreshnessIncident {
  readonly id: string;
  readonly view: string;
  readonly version: number;
  readonly state: 'FIRING' | 'RESOLVED';
  readonly slaMillis: number;
  /** At the transition. */
  readonly ageMillis: number;
  readonly firedAt: Instant;
  readonly resolvedAt: Instant | null;
}
