import { CompressionTypes, Kafka, logLevel } from 'kafkajs';
import { messageText, streamMessages } from '../data/stream.ts';
import { makeTopic } from './make-topic.ts';
import { readRequest, startWatch } from './measured.ts';

/** Makes a topic whose broker stamps arrivals, and fills it. */
export interface ProduceRequest {
  readonly brokers: string;
  readonly topic: string;
  readonly partitions: number;
  readonly messages: number;
  /** Time of the last one. */
  readonly until: number;
}

const batch = 2_000;

const { brokers, topic, partitions, messages, until } = readRequest<ProduceRequest>();
const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.ERROR });
await makeTopic(kafka, topic, partitions);
const producer = kafka.producer();
await producer.connect();
const watch = startWatch();
let waiting: { key: string; value: string }[] = [];
const send = async () => {
  await producer.send({ topic, messages: waiting, acks: -1, compression: CompressionTypes.None });
  waiting = [];
};
for (const message of streamMessages(messages, until)) {
  waiting.push({ key: message.key, value: messageText(message) });
  if (waiting.length === batch) await send();
}
if (waiting.length > 0) await send();
await producer.disconnect();
watch.print({ messages });
