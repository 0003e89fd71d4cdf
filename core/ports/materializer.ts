import type { CompiledSource } from '../definitions/compiled.ts';

/**
 * Fills online stores from history. Jobs are kept in the registry's `materializations`; of several processes one works on
 * them, whoever asked.
 */
export interface Materializer {
  /** Starts a job for the current versions of these views; returns at once. UNKNOWN_NAME for an unknown view. */
  backfill(views: readonly string[]): Promise<MaterializationJob>;
  /** Reads what is new in the batch locations of these views' sources (a file not read before), then backfills. */
  materialize(views: readonly string[]): Promise<MaterializationJob>;
  /**
   * Fills again what the online store lacks of these views, null = of all; with `discard`, all that it holds of them, which
   * is NOT_READY until then. A process that ends on the way goes on when it starts again.
   */
  rebuild(views: readonly string[] | null, options: { readonly discard: boolean }): Promise<MaterializationJob>;
  /** Whether the source's batch location was read to its end once: until then its history is a part of the whole. */
  hasHistory(source: CompiledSource): Promise<boolean>;
  get(id: string): Promise<MaterializationJob | null>;
  list(limit: number): Promise<readonly MaterializationJob[]>;
}

export interface MaterializationJob {
  readonly id: string;
  readonly kind: 'BACKFILL' | 'MATERIALIZE' | 'REBUILD';
  readonly views: readonly string[];
  readonly state: 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
  readonly recordsDone: number;
  readonly recordsTotal: number | null;
  readonly keysWritten: number;
  readonly createdAt: string;
  readonly finishedAt: string | null;
  readonly error: string | null;
  /** Why a running one does not go on just now, as a sentence; null = it does. */
  readonly waitsFor: string | null;
  /** Of a rebuild that discards: names it. */
  readonly discard?: string;
  /** Nobody has asked for it: it fills what was found missing. */
  readonly isAutomatic?: boolean;
}
