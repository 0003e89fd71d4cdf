import type { Admin } from 'kafkajs';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';

export interface Topics {
  exists(topic: string): Promise<boolean>;
  /** Makes the topic unless it is there. */
  ensure(topic: string): Promise<void>;
  partitions(topic: string): Promise<readonly number[]>;
}

export interface NewTopics {
  readonly partitions: number;
  /** −1 = the broker's default. */
  readonly replicationFactor: number;
  /** Who stamps the arrivals of its records. */
  readonly timestampType: 'LogAppendTime' | 'CreateTime';
}

/** How long a broker may take to hear of a topic that was just made. */
const retries = 50;
const retryMillis = 100;

export function createTopics(admin: Admin, made: NewTopics, systemClock: Pick<SystemClock, 'sleep'>): Topics {
  const known = new Set<string>();
  const exists = async (topic: string): Promise<boolean> => {
    checkTopicName(topic);
    if (!known.has(topic)) for (const name of await admin.listTopics()) known.add(name);
    return known.has(topic);
  };
  /** kafkajs asks the brokers for leaders at once, and fails where they have not heard of the topic yet. */
  const untilHeard = async (topic: string, failure: unknown): Promise<void> => {
    for (let attempt = 0; isUnheard(failure) && attempt < retries; attempt++) {
      await systemClock.sleep(retryMillis);
      const heard = await admin.fetchTopicMetadata({ topics: [topic] }).then(
        () => true,
        (error: unknown) => {
          if (!isUnheard(error)) throw error;
          return false;
        },
      );
      if (heard) return;
    }
    throw failure;
  };
  return {
    exists,
    async ensure(topic) {
      if (await exists(topic)) return;
      // False when somebody else made it first, which is as good.
      const making = admin.createTopics({
        topics: [
          {
            topic,
            numPartitions: made.partitions,
            replicationFactor: made.replicationFactor,
            configEntries: [{ name: 'message.timestamp.type', value: made.timestampType }],
          },
        ],
      });
      await making.catch((error: unknown) => untilHeard(topic, error));
      known.add(topic);
    },
    async partitions(topic) {
      if (!(await exists(topic))) return [];
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      return (topics[0]?.partitions ?? []).map(({ partitionId }) => partitionId).sort((a, b) => a - b);
    },
  };
}

function isUnheard(error: unknown): boolean {
  return error instanceof Error && 'type' in error && error.type === 'UNKNOWN_TOPIC_OR_PARTITION';
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
