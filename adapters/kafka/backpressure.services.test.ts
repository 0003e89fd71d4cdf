import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { describeWithService } from '../../test/services/find-program.ts';
import { type KafkaServer, kafka, startKafka } from '../../test/services/kafka.ts';
import { createSystemClock } from '../clock/system-clock.ts';
import { openKafkaEventLog } from './event-log.ts';

const partitions = 4;
const recordBytes = 10_000;
const records = 12_000;
const waitMillis = 60_000;
/** Of each partition kafkajs fetches at most so much at a time, and no more before that is applied. */
const fetchedBytes = 1_048_576;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heldBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describeWithService('Kafka', kafka, () => {
  let server: KafkaServer;
  beforeAll(async () => {
    server = await startKafka();
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  it('holds no more of a topic than is being applied, however much waits, and then gives all of it in order', async () => {
    await using log = await openKafkaEventLog({
      brokers: [server.brokers],
      systemClock: createSystemClock(),
      partitions,
    });
    const payload = Buffer.alloc(recordBytes, 'x');
    for (let sent = 0; sent < records; sent += 100) {
      await log.append(
        'wide',
        Array.from({ length: 100 }, (_, index) => ({ key: `k${sent + index}`, payload })),
      );
    }
    const before = heldBytes();
    const stop = new AbortController();
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const waiting = new Set<number>();
    const applied = new Map<number, number>();
    let outOfOrder = 0;
    const consumed = log.consume({
      group: 'slow',
      topics: ['wide'],
      maxBatchRecords: 100,
      signal: stop.signal,
      async onBatch({ partition, records: batch }) {
        waiting.add(partition);
        await held;
        for (const { offset } of batch) {
          if (offset !== (applied.get(partition) ?? 0)) outOfOrder++;
          applied.set(partition, offset + 1);
        }
      },
    });
    await vi.waitFor(() => expect(waiting.size).toBe(partitions), waitMillis);
    // So much would come in this time if nothing held it back: 120 MB in all.
    const deadline = Date.now() + 3_000;
    let most = 0;
    await vi.waitFor(() => {
      most = Math.max(most, heldBytes() - before);
      expect(Date.now()).toBeGreaterThan(deadline);
    }, waitMillis);
    // What is fetched is there as bytes, and again as it is unpacked.
    expect(most).toBeLessThan(partitions * fetchedBytes * 4);
    release();
    await vi.waitFor(
      () => expect([...applied.values()].reduce((sum, next) => sum + next, 0)).toBe(records),
      waitMillis,
    );
    expect(outOfOrder).toBe(0);
    stop.abort();
    await consumed;
  }, 180_000);
});
