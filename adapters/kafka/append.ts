import { type Kafka, Partitioners, type Producer } from 'kafkajs';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { LogEntry, LogPosition } from '../../core/ports/event-log.ts';
import type { Topics } from './topics.ts';

export interface Appender extends AsyncDisposable {
  /** Same length and order as `records`; resolves when every in-sync replica has them. */
  append(topic: string, records: readonly LogEntry[]): Promise<LogPosition[]>;
}

/** kafkajs: every in-sync replica. */
const allReplicas = -1;

/** An idempotent producer: a retry after a lost answer is not written twice. */
export async function createAppender(kafka: Kafka, topics: Topics): Promise<Appender> {
  const producer: Producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  const partitionOf = Partitioners.DefaultPartitioner();
  let anyPartition = 0;

  return {
    async append(topic, records) {
      await topics.ensure(topic);
      if (records.length === 0) return [];
      const partitions = await topics.partitions(topic);
      const metadata = partitions.map((partitionId) => ({ partitionId, leader: 0, ...noReplicas }));
      const choose = ({ key, payload }: LogEntry): number =>
        key === null
          ? partitions[anyPartition++ % partitions.length]!
          : partitionOf({ topic, partitionMetadata: metadata, message: { key, value: asBuffer(payload) } });
      const chosen = records.map(choose);
      const written = await producer.send({
        topic,
        acks: allReplicas,
        messages: records.map(({ key, payload }, index) => ({
          key,
          value: asBuffer(payload),
          partition: chosen[index]!,
        })),
      });
      const next = new Map(
        written.map(({ partition, baseOffset, logAppendTime }) => [
          partition,
          { offset: Number(baseOffset), arrival: Number(logAppendTime) },
        ]),
      );
      return chosen.map((partition): LogPosition => {
        const place = next.get(partition);
        if (place === undefined) throw unanswered(topic, partition);
        if (place.arrival < 0) throw foreignStamps(topic);
        return { partition, offset: place.offset++, arrival: place.arrival };
      });
    },
    [Symbol.asyncDispose]: () => producer.disconnect(),
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
