import { setTimeout as delay } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { messageText, steadyMessages } from '../data/stream.ts';
import { makeTopic } from './make-topic.ts';
import { readRequest } from './measured.ts';

/**
 * An open loop: each message is due at its time, however long the broker takes for others, and carries that time. Prints
 * when the topic is there, then when all is sent.
 */
export interface ProduceSteadilyRequest {
  readonly brokers: string;
  readonly topic: string;
  readonly partitions: number;
  readonly messages: number;
  readonly perSecond: number;
  /** When the first is due. */
  readonly start: number;
}

/** What is due within it goes together, as with any producer. */
const lingerMillis = 10;

const { brokers, topic, partitions, messages, perSecond, start } = readRequest<ProduceSteadilyRequest>();
const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.ERROR });
await makeTopic(kafka, topic, partitions);
const producer = kafka.producer();
await producer.connect();
const underWay = new Set<Promise<unknown>>();
let due: { key: string; value: string }[] = [];
for (const message of steadyMessages(messages, start, perSecond)) {
  if (message.row.at > Date.now()) {
    send();
    await delay(Math.max(lingerMillis, message.row.at - Date.now()));
  }
  due.push({ key: message.key, value: messageText(message) });
}
send();
await Promise.all(underWay);
const latestMillis = Date.now() - (start + (messages * 1_000) / perSecond);
await producer.disconnect();
console.log(JSON.stringify({ seconds: (Date.now() - start) / 1_000, latestMillis }));

function send(): void {
  if (due.length === 0) return;
  const sending = producer.send({ topic, messages: due, acks: -1 });
  due = [];
  underWay.add(sending);
  void sending.then(() => underWay.delete(sending));
}
