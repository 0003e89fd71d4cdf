import type { JoinMode } from '../ports/offline-store.ts';
import type { Instant, Value } from '../values/types.ts';

/** One feature of one view, for one key at one instant. */
export interface FeatureQuestion {
  /** Along the view's key; a NULL part matches nothing. */
  readonly key: readonly Value[];
  readonly t: Instant;
  readonly knownAt: Instant;
  readonly mode: JoinMode;
  /** Row views: tightens the view's own; null = the view's. */
  readonly maxAgeMillis: number | null;
  /** So many records of each outcome are listed, and the decisive ones; Infinity = all. */
  readonly limit: number;
}
