/** What one look at a service, a folder or the machine found. */
export interface Finding {
  /** `PostgreSQL`, `Redis`, `Kafka`, `data folder`, … */
  readonly service: string;
  /** `ok`: nothing to do. `warn`: it works, and may not for long. `fail`: it does not work, or gives wrong values. */
  readonly level: 'ok' | 'warn' | 'fail';
  /** What was looked at. */
  readonly what: string;
  readonly expected: string | null;
  readonly got: string | null;
  /** What to do about it; null when nothing is to be done. */
  readonly remedy: string | null;
}

/** What an adapter knows to look for, so that nobody finds out by a wrong value. Changes nothing that is kept. */
export interface HealthCheck {
  readonly service: string;
  /** Never rejects for what it looks at: a service that is away is a finding, and the last one. */
  checks(): AsyncIterable<Finding>;
}
