import type { SystemClock } from '../../core/ports/clocks.ts';
import type { Instant } from '../../core/values/types.ts';
import type { Cluster, OffsetQuestion } from './cluster.ts';

/** Per partition of a topic that exists, where its records begin, end, or are as late as an instant. */
export interface Offsets {
  /** The offset of the first record that is still there. */
  begins(topic: string): Promise<ReadonlyMap<number, number>>;
  /** The offset the next record will get. */
  ends(topic: string): Promise<ReadonlyMap<number, number>>;
  /** The first offset stamped at or after the instant, by the broker's time index; the end where there is none. */
  firstFrom(topic: string, instant: Instant): Promise<ReadonlyMap<number, number>>;
}

const retries = 25;
const retryMillis = 200;

/**
 * kafkajs's admin asks once and by what it knew before: it fails while a broker has just been started, or when two topics
 * are asked for the first time at once. Here metadata is fetched anew and the question repeated, for some seconds.
 */
export function createOffsets(cluster: Cluster, systemClock: SystemClock): Offsets {
  async function askOnce(topic: string, which: OffsetQuestion): Promise<Map<number, number>> {
    await cluster.addTargetTopic(topic);
    const partitions = cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => ({ partition: partitionId }));
    if (partitions.length === 0) throw new Error(`the brokers have not named the partitions of ${topic}`);
    const answers = await cluster.fetchTopicsOffset([{ topic, partitions, ...which }]);
    const found = answers.flatMap((answer) => answer.partitions);
    return new Map(
      found.map(({ partition, offset }) => [partition, Number(offset)] as const).sort(([a], [b]) => a - b),
    );
  }

  async function ask(topic: string, which: OffsetQuestion): Promise<Map<number, number>> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await askOnce(topic, which);
      } catch (error) {
        if (attempt === retries) throw error;
        await systemClock.sleep(retryMillis);
        // A broker that does not answer yet shows in the next attempt.
        await cluster.refreshMetadata().catch(() => {});
      }
    }
  }

  return {
    begins: (topic) => ask(topic, { fromBeginning: true }),
    ends: (topic) => ask(topic, { fromBeginning: false }),
    async firstFrom(topic, instant) {
      const ends = await ask(topic, { fromBeginning: false });
      const found = await ask(topic, { fromTimestamp: instant });
      return new Map([...ends].map(([partition, end]) => [partition, positiveOr(found.get(partition), end)]));
    },
  };
}

function positiveOr(offset: number | undefined, end: number): number {
  return offset === undefined || offset < 0 ? end : offset;
}
