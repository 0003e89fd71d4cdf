import Batch from 'kafkajs/src/consumer/batch.js';
import type { LogRecord } from '../../core/ports/event-log.ts';
import { createRecordReader } from './arrival.ts';
import type { Cluster, FetchedMessage, FetchedPartition } from './cluster.ts';
import { newestArrivalBefore } from './newest-arrival.ts';
import type { Offsets } from './offsets.ts';

/** A stretch of one partition that is read without a consumer group. */
export interface PartitionRange {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** At most so many records. */
  readonly limit: number;
}

const readCommitted = 1;
const fetchBytes = 8 * 1024 * 1024;
const retries = 5;

/** Records from an offset on; empty at the end of the partition. */
export async function fetchRange(cluster: Cluster, offsets: Offsets, range: PartitionRange): Promise<LogRecord[]> {
  const messages = await fetchMessages(cluster, offsets, range);
  const [first] = messages;
  if (first === undefined) return [];
  return messages.map(createRecordReader(range.partition, await newestArrivalBefore(offsets, range, first)));
}

/** The same as Kafka has them. */
export async function fetchMessages(
  cluster: Cluster,
  offsets: Offsets,
  range: PartitionRange,
): Promise<FetchedMessage[]> {
  const messages: FetchedMessage[] = [];
  let next = range.offset;
  while (messages.length < range.limit) {
    const fetched = await fetchOnce(cluster, { ...range, offset: next });
    if (fetched === null) {
      // What the topic's retention has deleted is gone; its records begin later.
      const oldest = (await offsets.begins(range.topic)).get(range.partition);
      if (oldest === undefined || next >= oldest) break;
      next = oldest;
      continue;
    }
    const batch = new Batch(range.topic, String(next), fetched);
    messages.push(...batch.messages.slice(0, range.limit - messages.length));
    next = Number(batch.lastOffset()) + 1;
    if (next >= Number(fetched.highWatermark)) break;
  }
  return messages;
}

/** Null when the offset is outside of what the partition holds. A leader that moved is looked up again. */
async function fetchOnce(
  cluster: Cluster,
  { topic, partition, offset }: PartitionRange,
): Promise<FetchedPartition | null> {
  for (let attempt = 0; ; attempt++) {
    try {
      await cluster.addTargetTopic(topic);
      const found = cluster.findTopicPartitionMetadata(topic).find(({ partitionId }) => partitionId === partition);
      if (found === undefined) return null;
      const broker = await cluster.findBroker({ nodeId: found.leader });
      const { responses } = await broker.fetch({
        maxWaitTime: 0,
        minBytes: 0,
        maxBytes: fetchBytes,
        isolationLevel: readCommitted,
        topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes: fetchBytes }] }],
      });
      return responses[0]?.partitions[0] ?? null;
    } catch (error) {
      if (isOutOfRange(error)) return null;
      if (attempt === retries) throw error;
      await cluster.refreshMetadata();
    }
  }
}

function isOutOfRange(error: unknown): boolean {
  return error instanceof Error && error.name === 'KafkaJSOffsetOutOfRange';
}
