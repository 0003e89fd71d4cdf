import { type Kafka, Partitioners, type Producer } from 'kafkajs';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { LogEntry, LogPosition } from '../../core/ports/event-log.ts';
import type { Instant } from '../../core/values/types.ts';
import { arrivalHeader } from './arrival.ts';
import type { Connecting } from './connect-all.ts';
import type { Topics } from './topics.ts';

export interface Appender extends Connecting {
  /** Same length and order as `records`; resolves when every in-sync replica has them. */
  append(topic: string, records: readonly LogEntry[]): Promise<LogPosition[]>;
}

/** kafkajs: every in-sync replica. */
const allReplicas = -1;

/**
 * An idempotent producer: a retry after a lost answer is not written twice.
 *
 * @param stampArrival stamps arrivals instead of the broker, in the order in which they are sent; null = the broker does
 */
export function createAppender(kafka: Kafka, topics: Topics, stampArrival: (() => Instant) | null): Appender {
  const producer: Producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  const partitionOf = Partitioners.DefaultPartitioner();
  let anyPartition = 0;
  let sent: Promise<unknown> = Promise.resolve();

  async function choosePartitions(topic: string, records: readonly LogEntry[]): Promise<readonly number[]> {
    const partitions = await topics.partitions(topic);
    const partitionMetadata = partitions.map((partitionId) => ({ partitionId, leader: 0, ...noReplicas }));
    return records.map(({ key, payload }) =>
      key === null
        ? partitions[anyPartition++ % partitions.length]!
        : partitionOf({ topic, partitionMetadata, message: { key, value: asBuffer(payload) } }),
    );
  }

  async function send(topic: string, records: readonly LogEntry[], chosen: readonly number[]): Promise<LogPosition[]> {
    const stamped = stampArrival?.() ?? null;
    const headers = stamped === null ? {} : { headers: { [arrivalHeader]: String(stamped) } };
    const written = await producer.send({
      topic,
      acks: allReplicas,
      messages: records.map(({ key, payload }, index) => ({
        key,
        value: asBuffer(payload),
        partition: chosen[index]!,
        ...headers,
      })),
    });
    const next = new Map(
      written.map(({ partition, baseOffset, logAppendTime }) => [
        partition,
        { offset: Number(baseOffset), arrival: stamped ?? Number(logAppendTime) },
      ]),
    );
    return chosen.map((partition): LogPosition => {
      const place = next.get(partition);
      if (place === undefined) throw unanswered(topic, partition);
      if (place.arrival < 0) throw foreignStamps(topic);
      return { partition, offset: place.offset++, arrival: place.arrival };
    });
  }

  return {
    async append(topic, records) {
      await topics.ensure(topic);
      if (records.length === 0) return [];
      const chosen = await choosePartitions(topic, records);
      if (stampArrival === null) return send(topic, records, chosen);
      // One after the other: what is stamped later must not overtake.
      const turn = sent.then(() => send(topic, records, chosen));
      sent = turn.catch(() => {});
      return turn;
    },
    connect: () => producer.connect(),
    disconnect: () => producer.disconnect(),
  };
}

const noReplicas = { partitionErrorCode: 0, replicas: [], isr: [] };

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function unanswered(topic: string, partition: number): AsofError {
  return new AsofError('UNAVAILABLE', 'Kafka did not say where it wrote a record', { path: `${topic}/${partition}` });
}

function foreignStamps(topic: string): AsofError {
  return new AsofError('UNAVAILABLE', 'this topic does not stamp arrivals', {
    path: topic,
    expected: 'message.timestamp.type=LogAppendTime',
    got: 'CreateTime',
    remedy: 'Alter the topic, or push to another one: an arrival must come from the log.',
  });
}
