import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import type { OnlineWriter } from '../../core/online/writer.ts';
import type { Adoptions } from '../../core/ports/adoptions.ts';
import type { DataClock, SystemClock } from '../../core/ports/clocks.ts';
import type { DeadLetters } from '../../core/ports/dead-letters.ts';
import type { EventLog } from '../../core/ports/event-log.ts';
import type { LiveBus } from '../../core/ports/live-bus.ts';
import type { OfflineStore } from '../../core/ports/offline-store.ts';
import type { PayloadCodecs } from '../../core/ports/payload-codecs.ts';

export interface IngestDeps {
  readonly registry: () => CompiledRegistry;
  readonly log: EventLog;
  /** For topics that are not JSON. */
  readonly codecs?: PayloadCodecs;
  readonly writer: OnlineWriter;
  readonly offline: OfflineStore;
  readonly bus: LiveBus;
  readonly deadLetters: Pick<DeadLetters, 'put' | 'list'>;
  readonly clock: DataClock;
  readonly systemClock: SystemClock;
  /** Which view versions have their history, and up to where; the others are left to their fill. */
  readonly adoptions: Pick<Adoptions, 'list' | 'watch'>;
  /** Told of a failure that was not the record's fault; what failed is tried again after a second. */
  readonly onError: (error: unknown) => void;
  readonly onBatch?: (batch: BatchReport) => void;
  /** Told after offsets, and what has been adopted, were committed. */
  readonly onCommitted?: () => void;
  readonly limits?: Partial<IngestLimits>;
}

export interface IngestLimits {
  /** The consumer group whose offsets are committed. */
  readonly group: string;
  readonly maxBatchRecords: number;
  /** The offline tail is written, and offsets committed, after so many records or so long. */
  readonly flushRecords: number;
  readonly flushMillis: number;
}

/** What one batch of one topic and partition did; for metrics. */
export interface BatchReport {
  readonly topic: string;
  readonly partition: number;
  readonly records: number;
  readonly rejected: number;
  readonly late: number;
  readonly future: number;
  readonly duplicates: number;
  /** By the SystemClock: how long applying took. */
  readonly applyMillis: number;
}
