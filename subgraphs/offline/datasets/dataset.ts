import type { MaterializationJob } from '../../../core/ports/materializer.ts';
import type { JoinMode } from '../../../core/ports/offline-store.ts';
import type { Instant } from '../../../core/values/types.ts';

export type JobState = MaterializationJob['state'];

/** Where a dataset's spine comes from, as it is kept with the job; inline rows lie in a file of the job's folder. */
export type StoredSpine =
  | { readonly kind: 'sql'; readonly sql: string; readonly timeColumn: string }
  | {
      readonly kind: 'rows';
      readonly count: number;
      readonly timeColumn: string;
      readonly knownAtColumn: string | null;
    };

export interface TimeRange {
  readonly start: Instant | null;
  readonly end: Instant | null;
}

export interface DatasetFile {
  readonly name: string;
  readonly rows: number | null;
  readonly bytes: number;
  readonly sha256: string;
}

/** One view as a dataset holds it. */
export interface PinnedMember {
  readonly alias: string;
  readonly view: string;
  readonly version: number;
  readonly hash: string;
  readonly features: readonly string[];
}

export type PinnedPositions = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** A training dataset and the job that makes it; a document of the collection `datasets`. */
export interface TrainingDataset {
  readonly id: string;
  readonly name: string;
  readonly state: JobState;
  readonly service: string | null;
  readonly serviceVersion: number | null;
  /** As they were asked for; null with a service. */
  readonly requested: readonly string[] | null;
  readonly features: readonly string[];
  readonly members: readonly PinnedMember[];
  readonly spine: StoredSpine;
  readonly mode: JoinMode;
  readonly withStatus: boolean;
  readonly between: TimeRange | null;
  /** Spine rows after it are refused: the DataClock's instant at creation. */
  readonly knownUntil: Instant;
  /**
   * What each source's history reached to when the job first ran, by source and place: what is beyond is not read.
   * null = it has not run.
   */
  readonly positions: PinnedPositions | null;
  readonly rowsDone: number;
  readonly rowsTotal: number | null;
  readonly rows: number | null;
  readonly files: readonly DatasetFile[];
  /** RFC 3339 UTC, by the SystemClock. */
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly error: string | null;
}

export function isFinished({ state }: Pick<TrainingDataset, 'state'>): boolean {
  return state === 'SUCCEEDED' || state === 'FAILED' || state === 'CANCELLED';
}
