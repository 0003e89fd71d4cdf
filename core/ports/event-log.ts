import type { Instant } from '../values/types.ts';

/** A topic's records in order, with the arrival stamped once when they entered. */
export interface EventLog extends AsyncDisposable {
  readonly name: string;
  /** Durable when it resolves. Same length and order as `records`. Creates the topic when it is new. */
  append(topic: string, records: readonly LogEntry[]): Promise<LogPosition[]>;
  partitions(topic: string): Promise<readonly number[]>;
  /** Up to `limit` records from `offset` on, in order; empty at the end. */
  read(topic: string, partition: number, offset: number, limit: number): Promise<readonly LogRecord[]>;
  /** The offset the next record will get, per partition; empty for a topic that was never written. */
  endOffsets(topic: string): Promise<ReadonlyMap<number, number>>;
  /**
   * Delivers batches from the group's committed offsets (the beginning for a new group) until the signal aborts;
   * resolves then. Consumers of one group share the partitions: each is one consumer's at a time, as far as the log can
   * tell; one that was silent for long may still be at work on what others have by now. One batch at a time per partition; the next follows when `onBatch` resolved. A rejection of
   * `onBatch` stops the consumer and rejects. Offsets are committed only by `commit`.
   */
  consume(options: ConsumeOptions): Promise<void>;
  /**
   * Stores the next offset to deliver. Of a group that this log consumes for, only offsets of partitions that it has are
   * stored, and none when the group has just been arranged anew without it: their next owner starts earlier then.
   *
   * @param note up to 200 characters, stored with each of the offsets in one step; absent = the note is gone
   */
  commit(group: string, topic: string, offsets: ReadonlyMap<number, number>, note?: string): Promise<void>;
  committed(group: string, topic: string): Promise<ReadonlyMap<number, CommittedOffset>>;
}

export interface CommittedOffset {
  /** The next to deliver. */
  readonly offset: number;
  /** What was said with it. */
  readonly note: string | null;
}

export interface LogEntry {
  /** Chooses the partition; null = any. */
  readonly key: string | null;
  /** UTF-8 JSON of one object, or anything else a producer sent. */
  readonly payload: Uint8Array;
}

export interface LogPosition {
  readonly partition: number;
  readonly offset: number;
  readonly arrival: Instant;
}

export interface LogRecord extends LogPosition {
  readonly payload: Uint8Array;
  /** Why the record cannot be applied although it has a place: the log found no arrival on it. */
  readonly problem?: string;
}

export interface LogBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly LogRecord[];
}

export interface ConsumeOptions {
  readonly group: string;
  readonly topics: readonly string[];
  readonly maxBatchRecords: number;
  readonly signal: AbortSignal;
  /** `signal` aborts when the partition is about to be given to another consumer: a rejection after it stops nothing. */
  onBatch(batch: LogBatch, signal: AbortSignal): Promise<void>;
  /** All partitions that the consumer has from now on, by topic. Of new ones, the first batch waits until it has resolved. */
  onAssigned?(partitions: ReadonlyMap<string, readonly number[]>): Promise<void>;
  /**
   * All of them are about to be given up, some perhaps to come back at once: before each new arrangement of the group,
   * and before the consumer ends by its signal. They go when it has resolved; what is committed in it holds. Never called
   * by a consumer that fails, is killed or loses its partitions by being silent.
   */
  onReleasing?(): Promise<void>;
}
