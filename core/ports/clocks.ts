import type { Instant } from '../values/types.ts';

/** Timeouts, backoff, tokens, ages of jobs. Never the meaning of a value. */
export interface SystemClock {
  nowMillis(): number;
  /** Resolves after `millis`; rejects with the signal's reason when it is aborted first. */
  sleep(millis: number, signal?: AbortSignal): Promise<void>;
}

/** The clock of everything in SEMANTICS.md: monotone, persisted, maybe a replay. */
export interface DataClock {
  /** The present instant; never decreases, not across restarts either. */
  now(): Instant;
  /** The one instant of a read: `now()` or `newestApplied` if later. Arrivals stamped afterwards are greater. */
  readInstant(newestApplied?: Instant): Instant;
  /** The arrival for records entering now: never decreases, and is greater than every read instant given out. */
  stampArrival(): Instant;
  /** Milliseconds of SystemClock until this clock shows `instant`; 0 when it has. */
  systemMillisUntil(instant: Instant): number;
}
