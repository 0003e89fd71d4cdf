import { writeFile } from 'node:fs/promises';
import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';

/*
 * The least that brings a topic into Redis: each batch is one pipeline of SETs, the message as it is under its key. It
 * does not look into messages. Timed from the first batch until all are written and committed.
 */
interface Request {
  readonly brokers: string;
  readonly redisPort: number;
  readonly topic: string;
  readonly group: string;
  readonly messages: number;
  /** Where the last message of each key is written as JSON, to be compared. */
  readonly answers: string;
}

const { brokers, redisPort, topic, group, messages, answers } = JSON.parse(process.argv[2]!) as Request;
const redis = new Redis({ port: redisPort });
const consumer = new Kafka({ brokers: [brokers], logLevel: logLevel.ERROR }).consumer({ groupId: group });
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
let seen = 0;
let startedAt = 0;
let cpuBefore = process.cpuUsage();
let done: () => void;
const all = new Promise<void>((resolve) => {
  done = resolve;
});
await consumer.run({
  eachBatch: async ({ batch, resolveOffset, commitOffsetsIfNecessary }) => {
    if (startedAt === 0) {
      startedAt = performance.now();
      cpuBefore = process.cpuUsage();
    }
    const pipeline = redis.pipeline();
    for (const { key, value } of batch.messages) pipeline.set(key!, value!);
    await pipeline.exec();
    resolveOffset(batch.lastOffset());
    await commitOffsetsIfNecessary();
    seen += batch.messages.length;
    if (seen >= messages) done();
  },
});
await all;
const seconds = (performance.now() - startedAt) / 1_000;
const { user, system } = process.cpuUsage(cpuBefore);
const keys = (await redis.keys('*')).sort();
const values = await redis.mget(keys);
const rows = keys.map((key, index) => [key, JSON.parse(values[index]!).amount, JSON.parse(values[index]!).sent]);
await writeFile(answers, JSON.stringify(rows));
console.log(
  JSON.stringify({
    seconds,
    cpuSeconds: (user + system) / 1e6,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    messages: seen,
  }),
);
await consumer.disconnect();
redis.disconnect();
