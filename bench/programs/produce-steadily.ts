import { setTimeout as delay } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { messageText, steadyMessages } from '../data/stream.ts';
import { makeTopic } from './make-topic.ts';
import { readRequest } from './measured.ts';

/**
 * An open loop: each message is due at its time, however long the broker takes for others, and carries that time. Prints
 * by how much the latest was sent late, by the producer's own fault.
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

/** After a pause of its own the producer has much to catch up with, of which a broker takes a megabyte at once. */
const mostAtOnce = 1_000;

const { brokers, topic, partitions, messages, perSecond, start } = readRequest<ProduceSteadilyRequest>();
const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.ERROR });
await makeTopic(kafka, topic, partitions);
const producer = kafka.producer();
await producer.connect();
// Beforehand, so that who is measured has the processor.
const prepared = Array.from(steadyMessages(messages, start, perSecond), (message) => ({
  at: message.row.at,
  key: message.key,
  value: messageText(message),
}));
const underWay = new Set<Promise<unknown>>();
let due: { key: string; value: string }[] = [];
let firstDueAt = start;
let latestMillis = 0;
for (const { at, ...message } of prepared) {
  if (at > Date.now()) {
    send();
    await delay(Math.max(lingerMillis, at - Date.now()));
  }
  if (due.length === 0) firstDueAt = at;
  due.push(message);
  if (due.length === mostAtOnce) send();
}
send();
await Promise.all(underWay);
await producer.disconnect();
console.log(JSON.stringify({ seconds: (Date.now() - start) / 1_000, latestMillis }));

function send(): void {
  if (due.length === 0) return;
  latestMillis = Math.max(latestMillis, Date.now() - firstDueAt);
  const sending = producer.send({ topic, messages: due, acks: -1 });
  due = [];
  underWay.add(sending);
  void sending.then(() => underWay.delete(sending));
}
