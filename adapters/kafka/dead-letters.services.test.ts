import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DeadLetters } from '../../core/ports/dead-letters.ts';
import { deadLetter, deadLettersContract } from '../../test/contracts/dead-letters.ts';
import { describeWithService } from '../../test/services/find-program.ts';
import { type KafkaServer, kafka, startKafka } from '../../test/services/kafka.ts';
import { createSystemClock } from '../clock/system-clock.ts';
import { openKafkaDeadLetters } from './dead-letters.ts';

describeWithService('Kafka', kafka, () => {
  let server: KafkaServer;
  beforeAll(async () => {
    server = await startKafka();
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
  });

  const systemClock = createSystemClock();
  let opened = 0;
  const open = (topic = `letters-${opened++}`): Promise<DeadLetters> =>
    openKafkaDeadLetters({ brokers: [server.brokers], systemClock, topic });
  deadLettersContract('a topic', open);

  it('keeps the bytes as they came, with reason and place in headers, for any consumer', async () => {
    await using letters = await open('raw');
    const original = Uint8Array.from([0xff, 0x00, 0x7b]);
    await letters.put([deadLetter({ partition: 2, offset: 41, payload: '\ufffd\0{', original })]);
    const client = new Kafka({ brokers: [server.brokers], logLevel: logLevel.NOTHING });
    const consumer = client.consumer({ groupId: 'somebody' });
    await consumer.connect();
    await consumer.subscribe({ topics: ['raw'], fromBeginning: true });
    const message = await new Promise<{ value: Buffer | null; headers?: object }>((resolve) => {
      consumer.run({ eachMessage: async (payload) => resolve(payload.message) });
    });
    await consumer.disconnect();
    expect([...message.value!]).toEqual([...original]);
    expect(Object.fromEntries(Object.entries(message.headers!).map(([name, value]) => [name, String(value)]))).toEqual({
      'asof-source': 'landings',
      'asof-origin': 'landings',
      'asof-partition': '2',
      'asof-offset': '41',
      'asof-at': '1000000',
      'asof-code': 'BAD_RECORD',
      'asof-reason': 'landedAt: not an instant; got "soon"',
    });
  });

  it('lists and counts what other processes put, far back too', async () => {
    await using one = await open('shared');
    await using other = await open('shared');
    expect(await other.counts()).toEqual(new Map());
    await one.put([deadLetter({ source: 'rare', offset: 7 })]);
    await one.put(Array.from({ length: 1_200 }, (_, offset) => deadLetter({ offset })));
    expect(await other.list('rare', 5)).toEqual([deadLetter({ source: 'rare', offset: 7 })]);
    expect((await other.list('landings', 700)).map(({ offset }) => offset)).toEqual(
      Array.from({ length: 700 }, (_, index) => 1_199 - index),
    );
    expect(await other.counts()).toEqual(
      new Map([
        ['rare', 1],
        ['landings', 1_200],
      ]),
    );
  });

  it('takes a record that is longer than brokers take, cut', async () => {
    await using letters = await open();
    await letters.put([deadLetter({ original: new Uint8Array(5_000_000).fill(65), reason: 'x'.repeat(100_000) })]);
    const [kept] = await letters.list('landings', 1);
    expect([kept!.payload.length, kept!.reason.length]).toEqual([64 * 1024, 16_384]);
  });
});
