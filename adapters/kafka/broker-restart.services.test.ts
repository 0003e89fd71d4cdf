import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { EventLog } from '../../core/ports/event-log.ts';
import { describeWithService } from '../../test/services/find-program.ts';
import { type KafkaServer, kafka, startKafka } from '../../test/services/kafka.ts';
import { createSystemClock } from '../clock/system-clock.ts';
import { openKafkaEventLog } from './event-log.ts';

const systemClock = createSystemClock();
const partitions = [0, 1];

/** Only after this the broker misses a silent member. */
const sessionMillis = 30_000;

describeWithService('Kafka', kafka, () => {
  let server: KafkaServer;
  beforeAll(async () => {
    server = await startKafka();
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  const open = (): Promise<EventLog> =>
    openKafkaEventLog({
      brokers: [server.brokers],
      systemClock,
      partitions: partitions.length,
      times: { sessionMillis },
    });

  /** Two members of a group, in logs of their own; as ingest does, they join again when their membership has failed. */
  function startMembers(topic: string, commitsWhenReleasing: boolean, signal: AbortSignal) {
    const applied = partitions.map(() => 0);
    const failures = [0, 0];
    const owned = [0, 0];
    const members = failures.map(async (_, index) => {
      await using own = await open();
      while (!signal.aborted) {
        try {
          await own.consume({
            group: topic,
            topics: [topic],
            maxBatchRecords: 100,
            signal,
            onAssigned: async (own) => {
              owned[index] = own.get(topic)?.length ?? 0;
            },
            ...(commitsWhenReleasing && { onReleasing: () => own.commit(topic, topic, new Map(applied.entries())) }),
            onBatch: async ({ partition, records }) => {
              applied[partition] = Math.max(applied[partition]!, records.at(-1)!.offset + 1);
            },
          });
        } catch {
          failures[index]! += 1;
        }
      }
    });
    return { applied, failures, owned, ended: Promise.all(members) };
  }

  it.each([
    { topic: 'soon', commitsWhenReleasing: false, untilBack: 'is started again at once' },
    { topic: 'later', commitsWhenReleasing: true, untilBack: 'is back after its members could not commit' },
  ])(
    'goes on within seconds when the broker $untilBack',
    async ({ topic, commitsWhenReleasing }) => {
      await using log = await open();
      const append = async (): Promise<number[]> => {
        const records = Array.from({ length: 20 }, (_, key) => ({ key: String(key), payload: Buffer.from('{}') }));
        await log.append(topic, records);
        const ends = await log.endOffsets(topic);
        return partitions.map((partition) => ends.get(partition) ?? 0);
      };
      const stop = new AbortController();
      const first = await append();
      const { applied, failures, owned, ended } = startMembers(topic, commitsWhenReleasing, stop.signal);
      await vi.waitFor(() => expect(applied).toEqual(first), sessionMillis);
      await vi.waitFor(() => expect(owned).toEqual([1, 1]), sessionMillis);
      await server.kill();
      if (commitsWhenReleasing) await vi.waitFor(() => expect(Math.min(...failures)).toBeGreaterThan(0), sessionMillis);
      await server.restart();
      const second = await append();
      await vi.waitFor(() => expect(applied).toEqual(second), sessionMillis / 2);
      stop.abort();
      await ended;
    },
    120_000,
  );
});
