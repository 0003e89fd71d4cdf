/** What ingest did to one source since it started; the latest figures are of its last batch. */
export interface SourceStatistics {
  readonly records: number;
  readonly rejected: number;
  /** Per (event, view version): events that did not count, by reason. */
  readonly late: number;
  readonly future: number;
  readonly duplicates: number;
  /** Newest arrival − newest event time. */
  readonly eventTimeLagMillis: number | null;
  /** Arrival → applied, on the DataClock. */
  readonly pipelineLatencyMillis: number | null;
}

export interface IngestStatistics {
  of(source: string): SourceStatistics;
  add(source: string, batch: SourceStatistics): void;
  readonly sources: ReadonlyMap<string, SourceStatistics>;
}

export const noStatistics: SourceStatistics = {
  records: 0,
  rejected: 0,
  late: 0,
  future: 0,
  duplicates: 0,
  eventTimeLagMillis: null,
  pipelineLatencyMillis: null,
};

export function createIngestStatistics(): IngestStatistics {
  const sources = new Map<string, SourceStatistics>();
  return {
    sources,
    of: (source) => sources.get(source) ?? noStatistics,
    add(source, batch) {
      const before = sources.get(source) ?? noStatistics;
      sources.set(source, {
        records: before.records + batch.records,
        rejected: before.rejected + batch.rejected,
        late: before.late + batch.late,
        future: before.future + batch.future,
        duplicates: before.duplicates + batch.duplicates,
        eventTimeLagMillis: batch.eventTimeLagMillis ?? before.eventTimeLagMillis,
        pipelineLatencyMillis: batch.pipelineLatencyMillis ?? before.pipelineLatencyMillis,
      });
    },
  };
}
