import type { Counts } from '../../../runtime/metrics.ts';

/** What a worker is asked by its primary. */
export type WorkerCalls = {
  /** Finish what is under way, and end. */
  stop(): Promise<void>;
  counts(): Promise<Counts>;
};
