import type { Admin } from 'kafkajs';
import { AsofError } from '../../core/errors/asof-error.ts';

export interface Topics {
  exists(topic: string): Promise<boolean>;
  /** Makes the topic unless it is there. */
  ensure(topic: string): Promise<void>;
  partitions(topic: string): Promise<readonly number[]>;
  /** The offset the next record will get, per partition. */
  ends(topic: string): Promise<ReadonlyMap<number, number>>;
}

export interface NewTopics {
  readonly partitions: number;
  /** −1 = the broker's default. */
  readonly replicationFactor: number;
  /** Who stamps the arrivals of its records. */
  readonly timestampType: 'LogAppendTime' | 'CreateTime';
}

export function createTopics(admin: Admin, made: NewTopics): Topics {
  const known = new Set<string>();
  const exists = async (topic: string): Promise<boolean> => {
    checkTopicName(topic);
    if (!known.has(topic)) for (const name of await admin.listTopics()) known.add(name);
    return known.has(topic);
  };
  return {
    exists,
    async ensure(topic) {
      if (await exists(topic)) return;
      // False when somebody else made it first, which is as good.
      await admin.createTopics({
        topics: [
          {
            topic,
            numPartitions: made.partitions,
            replicationFactor: made.replicationFactor,
            configEntries: [{ name: 'message.timestamp.type', value: made.timestampType }],
          },
        ],
      });
      known.add(topic);
    },
    async partitions(topic) {
      if (!(await exists(topic))) return [];
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      return (topics[0]?.partitions ?? []).map(({ partitionId }) => partitionId).sort((a, b) => a - b);
    },
    async ends(topic) {
      if (!(await exists(topic))) return new Map();
      const offsets = await admin.fetchTopicOffsets(topic);
      return new Map(
        offsets.map(({ partition, high }) => [partition, Number(high)] as const).sort(([a], [b]) => a - b),
      );
    },
  };
}

/** What Kafka itself allows; BAD_INPUT otherwise. */
function checkTopicName(topic: string): void {
  if (/^[A-Za-z0-9._-]{1,249}$/.test(topic) && topic !== '.' && topic !== '..') return;
  throw new AsofError('BAD_INPUT', 'not a name for a Kafka topic', {
    path: topic,
    expected: '1 to 249 letters, digits, ".", "_" or "-"',
    got: JSON.stringify(topic),
    remedy: 'Choose another topic in the source’s stream.',
  });
}
