import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EventLog } from '../../core/ports/event-log.ts';
import { eventLogContract } from '../../test/contracts/event-log.ts';
import { prefixedEventLog } from '../../test/doubles/prefixed-event-log.ts';
import { describeWithService } from '../../test/services/find-program.ts';
import { type KafkaServer, kafka, startKafka } from '../../test/services/kafka.ts';
import { createSystemClock } from '../clock/system-clock.ts';
import { arrivalHeader } from './arrival.ts';
import { openKafkaEventLog } from './event-log.ts';

describeWithService('Kafka', kafka, () => {
  let server: KafkaServer;
  beforeAll(async () => {
    server = await startKafka();
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  const systemClock = createSystemClock();
  const open = (partitions = 1): Promise<EventLog> =>
    openKafkaEventLog({ brokers: [server.brokers], systemClock, partitions, times: { waitMillis: 50 } });
  let opened = 0;
  eventLogContract('kafka', async (partitions) => prefixedEventLog(await open(partitions), `log${opened++}-`));

  /** A topic made by somebody else, with settings of its own. */
  async function foreignTopic(topic: string, timestampType: 'CreateTime' | 'LogAppendTime') {
    const client = new Kafka({ brokers: [server.brokers], logLevel: logLevel.NOTHING });
    const admin = client.admin();
    await admin.connect();
    await admin.createTopics({
      topics: [{ topic, numPartitions: 1, configEntries: [{ name: 'message.timestamp.type', value: timestampType }] }],
    });
    await admin.disconnect();
    return client;
  }

  it('takes the arrival of a topic with the producers’ times from a header, and says when there is none', async () => {
    const client = await foreignTopic('foreign', 'CreateTime');
    const producer = client.producer();
    await producer.connect();
    await producer.send({
      topic: 'foreign',
      messages: [
        { value: 'a', timestamp: '5', headers: { [arrivalHeader]: '1000' } },
        { value: 'b', timestamp: '6' },
        { value: 'c', timestamp: '7', headers: { [arrivalHeader]: 'soon' } },
        { value: 'd', timestamp: '8', headers: { [arrivalHeader]: '900' } },
      ],
    });
    await producer.disconnect();
    await using log = await open();
    const records = await log.read('foreign', 0, 0, 10);
    expect(records.map(({ arrival, problem }) => [arrival, problem?.slice(0, 19)])).toEqual([
      [1_000, undefined],
      [1_000, 'expected an arrival'],
      [1_000, 'expected an arrival'],
      // It never goes back within a partition.
      [1_000, undefined],
    ]);
  });

  it('refuses to push to a topic that does not stamp arrivals', async () => {
    await foreignTopic('unstamped', 'CreateTime');
    await using log = await open();
    await expect(log.append('unstamped', [{ key: null, payload: new Uint8Array([1]) }])).rejects.toThrow(
      'unstamped: this topic does not stamp arrivals; expected message.timestamp.type=LogAppendTime',
    );
  });

  it('skips the ends of transactions and what was aborted, for readers and consumers alike', async () => {
    const client = await foreignTopic('transactions', 'LogAppendTime');
    const producer = client.producer({ transactionalId: 'writer', maxInFlightRequests: 1, idempotent: true });
    await producer.connect();
    for (const [value, isCommitted] of [
      ['a', true],
      ['b', false],
      ['c', true],
    ] as const) {
      const transaction = await producer.transaction();
      await transaction.send({ topic: 'transactions', messages: [{ value }] });
      await (isCommitted ? transaction.commit() : transaction.abort());
    }
    await producer.disconnect();
    await using log = await open();
    const read = await log.read('transactions', 0, 0, 10);
    expect(read.map(({ offset, payload }) => [offset, Buffer.from(payload).toString()])).toEqual([
      [0, 'a'],
      [4, 'c'],
    ]);
    const stop = new AbortController();
    const consumed: number[] = [];
    await log.consume({
      group: 'transactions',
      topics: ['transactions'],
      maxBatchRecords: 10,
      signal: stop.signal,
      async onBatch({ records }) {
        consumed.push(...records.map(({ offset }) => offset));
        if (consumed.includes(4)) stop.abort();
      },
    });
    expect(consumed).toEqual([0, 4]);
  });

  it('says which brokers do not answer, and what to do', async () => {
    const nobody = openKafkaEventLog({ brokers: ['127.0.0.1:1'], systemClock });
    await expect(nobody).rejects.toMatchObject({ code: 'UNAVAILABLE', details: { path: '127.0.0.1:1' } });
  });
});
