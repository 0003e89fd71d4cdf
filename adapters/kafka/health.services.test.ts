import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Finding } from '../../core/ports/health-check.ts';
import { collected } from '../../test/health/findings.ts';
import { describeWithService } from '../../test/services/find-program.ts';
import { freePort } from '../../test/services/free-port.ts';
import { type KafkaServer, kafka, startKafka } from '../../test/services/kafka.ts';
import { createSystemClock } from '../clock/system-clock.ts';
import { arrivalHeader } from './arrival.ts';
import { kafkaHealth } from './health.ts';

describeWithService('the doctor on Kafka', kafka, () => {
  let server: KafkaServer;
  beforeAll(async () => {
    server = await startKafka();
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });
  const examine = (brokers: string, topics: readonly string[]): Promise<Finding[]> =>
    collected(
      kafkaHealth({
        brokers: [brokers],
        systemClock: createSystemClock(),
        security: { tls: null, sasl: null },
        group: 'ingest',
        topics,
        deadLetterTopic: 'letters',
      }).checks(),
    );
  const of = (all: readonly Finding[], topic: string): Finding[] =>
    all.filter(({ what, level }) => what.endsWith(` ${topic}`) && level !== 'ok');

  it('tells of topics that stamp nothing, are compacted, forget early, or are not there', async () => {
    const client = new Kafka({ brokers: [server.brokers], logLevel: logLevel.NOTHING });
    const admin = client.admin();
    const producer = client.producer();
    await Promise.all([admin.connect(), producer.connect()]);
    const topic = (name: string, settings: Record<string, string>) => {
      const configEntries = Object.entries(settings).map(([key, value]) => ({ name: key, value }));
      return { topic: name, numPartitions: 2, replicationFactor: 1, configEntries };
    };
    const appended = { 'message.timestamp.type': 'LogAppendTime' };
    await admin.createTopics({
      waitForLeaders: true,
      topics: [
        topic('good', appended),
        topic('silent', {}),
        topic('bare', {}),
        topic('brought', {}),
        topic('odd', { ...appended, 'cleanup.policy': 'compact,delete', 'retention.ms': '3600000' }),
      ],
    });
    const headers = { [arrivalHeader]: '1' };
    await producer.send({
      topic: 'bare',
      messages: [
        { value: '{}', partition: 0, headers },
        { value: '{}', partition: 1 },
      ],
    });
    await producer.send({ topic: 'brought', messages: [{ value: '{}', headers }] });
    await Promise.all([admin.disconnect(), producer.disconnect()]);

    const all = await examine(server.brokers, ['good', 'silent', 'bare', 'brought', 'odd', 'absent']);
    const single = { level: 'warn', got: '1 of each of 2 partitions, min.insync.replicas 1' };
    expect(of(all, 'good')).toMatchObject([single]);
    expect(of(all, 'silent')).toMatchObject([{ level: 'warn', got: 'CreateTime, and no record yet' }, single]);
    expect(of(all, 'bare')).toMatchObject([
      { level: 'fail', got: 'CreateTime, and 1 of the newest 2 records without the header' },
      single,
    ]);
    expect(of(all, 'brought')).toMatchObject([single]);
    expect(of(all, 'odd')).toMatchObject([
      { level: 'fail', got: 'compact,delete' },
      { level: 'warn', what: 'retention of odd', got: '1 h' },
      single,
    ]);
    expect(of(all, 'absent')).toMatchObject([{ level: 'warn', what: 'topic absent' }]);
    expect(all).toContainEqual(expect.objectContaining({ what: 'consumer group ingest', level: 'ok' }));
    expect(all).toContainEqual(expect.objectContaining({ what: 'right to make letters', level: 'ok' }));
  });

  it('says where no broker answers', async () => {
    const nowhere = `127.0.0.1:${await freePort()}`;
    expect(await examine(nowhere, [])).toMatchObject([
      { service: 'Kafka', level: 'fail', what: `connection ${nowhere}`, remedy: expect.any(String) },
    ]);
  });
});
