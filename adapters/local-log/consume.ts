import { AsofError } from '../../core/errors/asof-error.ts';
import type { CommittedOffset, ConsumeOptions } from '../../core/ports/event-log.ts';
import type { PartitionLog } from './partition-log.ts';

/** A consumer at work. */
export interface Consumption {
  /** Ends after `stop`, the signal or a failure, when the last batch has been handled; rejects with the failure. */
  readonly finished: Promise<void>;
  stop(): void;
}

export interface ConsumedLog {
  /** The topic's partitions, as soon as it exists; none when the signal aborts first. */
  openWhenCreated(topic: string, signal: AbortSignal): Promise<readonly PartitionLog[]>;
  committed(topic: string): Promise<ReadonlyMap<number, CommittedOffset>>;
}

/** Runs one loop per partition; the first failure stops them all. Waiting takes no time: appends wake it. */
export function consumeTopics(options: ConsumeOptions, log: ConsumedLog): Consumption {
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  options.signal.addEventListener('abort', stop);
  if (options.signal.aborted) stop();

  const consumePartition = async (topic: string, partition: number, from: number, records: PartitionLog) => {
    for (let next = from; !stopping.signal.aborted; ) {
      const batch = await records.read(next, options.maxBatchRecords);
      if (stopping.signal.aborted) return;
      if (batch.length === 0) {
        await records.waitBeyond(next, stopping.signal);
        continue;
      }
      try {
        await options.onBatch({ topic, partition, records: batch }, stopping.signal);
      } catch (error) {
        if (stopping.signal.aborted) return;
        throw error;
      }
      next += batch.length;
    }
  };
  const assigned = new Map<string, readonly number[]>();
  const consumeTopic = async (topic: string): Promise<void> => {
    const partitions = await log.openWhenCreated(topic, stopping.signal);
    if (stopping.signal.aborted) return;
    const own = partitions.map((_, partition) => partition);
    await options.onAssigned?.(new Map(assigned.set(topic, own)));
    if (stopping.signal.aborted) return;
    const committed = await log.committed(topic);
    await settleAll(
      partitions.map((records, partition) => {
        const from = committed.get(partition)?.offset ?? 0;
        if (from > records.endOffset) {
          throw lostRecords({ group: options.group, topic, partition, committed: from, end: records.endOffset });
        }
        return consumePartition(topic, partition, from, records);
      }),
    );
  };
  /** Stops the others at the first failure, waits for their last batches, then fails with it. */
  const settleAll = async (work: readonly Promise<void>[]): Promise<void> => {
    for (const one of work) one.catch(stop);
    const results = await Promise.allSettled(work);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  };

  const run = async (): Promise<void> => {
    try {
      await settleAll(options.topics.map(consumeTopic));
    } finally {
      options.signal.removeEventListener('abort', stop);
    }
    // A log that is closed under its consumer takes no commits.
    if (options.signal.aborted && assigned.size > 0) await options.onReleasing?.();
  };
  return { finished: run(), stop };
}

export interface LostRecords {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly committed: number;
  readonly end: number;
}

export function lostRecords({ group, topic, partition, committed, end }: LostRecords): AsofError {
  return new AsofError('CORRUPT', `group ${group} has applied records that topic ${topic} no longer has`, {
    path: `${topic}/${partition}`,
    expected: `at least ${committed} records`,
    got: `${end}`,
    remedy: 'Restore the event log from a backup as new as the stores, or delete the group’s offsets and backfill',
  });
}
