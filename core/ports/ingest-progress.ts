/** How far ingest has come, wherever it runs: what was applied, which may be ahead of what was committed. */
export interface IngestProgress {
  /**
   * Of these partitions those that are this process's to watch. What lies before `next` is in the online store; what
   * nobody has begun to apply has `next` 0.
   */
  of(topic: string, partitions: readonly number[]): Promise<ReadonlyMap<number, PartitionProgress>>;
}

export interface PartitionProgress {
  /** The next offset to apply. */
  readonly next: number;
  /** By source, as whoever applies the partition saw them last. */
  readonly times: Readonly<Record<string, AppliedTimes>>;
}

/** Of the batch of a source that was applied last; null before the first. */
export interface AppliedTimes {
  /** Newest arrival − newest event time. */
  readonly eventTimeLagMillis: number | null;
  /** Arrival → applied, on the DataClock. */
  readonly pipelineLatencyMillis: number | null;
}
