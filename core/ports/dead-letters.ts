import type { Instant } from '../values/types.ts';

/** What could not be applied, kept with its reason. */
export interface DeadLetters extends AsyncDisposable {
  put(letters: readonly DeadLetter[]): Promise<void>;
  /** Per source since the beginning. */
  counts(): Promise<ReadonlyMap<string, number>>;
  /** Newest first. */
  list(source: string, limit: number): Promise<readonly DeadLetter[]>;
}

export interface DeadLetter {
  readonly source: string;
  readonly origin: string;
  readonly partition: number;
  readonly offset: number;
  readonly at: Instant;
  /** An error code, for counting: `BAD_RECORD`. */
  readonly code: string;
  /** What, which, expected, got. */
  readonly reason: string;
  /** The record as it came, cut at 64 KiB. */
  readonly payload: string;
  /** All of its bytes, for places that keep them; never in what `list` returns. */
  readonly original?: Uint8Array;
}
