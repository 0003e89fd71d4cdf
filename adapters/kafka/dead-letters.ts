import { type IHeaders, Kafka, logLevel, Partitioners } from 'kafkajs';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { DeadLetter, DeadLetters } from '../../core/ports/dead-letters.ts';
import { askingKafka } from './asking.ts';
import { createCluster, type FetchedMessage } from './cluster.ts';
import { connectAll, disconnectAll } from './connect-all.ts';
import { fetchMessages } from './fetch-range.ts';
import { createOffsets } from './offsets.ts';
import { type KafkaSecurity, securityConfig } from './security.ts';
import { createTopics } from './topics.ts';

export interface KafkaDeadLettersOptions {
  /** `host:port` each. */
  readonly brokers: readonly string[];
  readonly systemClock: SystemClock;
  /** Default: neither TLS nor SASL. */
  readonly security?: KafkaSecurity;
  readonly topic: string;
  /** Of the topic, when it is made here. Default: the broker's. */
  readonly replicationFactor?: number;
}

/** What brokers take unless they are told otherwise is 1 MB, headers included. */
const longestValueBytes = 900_000;
const longestReasonLength = 16_384;
const listedPayloadBytes = 64 * 1024;
const scanRecords = 500;

/**
 * A topic of dead letters: each record has the bytes of the record that could not be applied, and says why and where it
 * was in headers `asof-source`, `-origin`, `-partition`, `-offset`, `-at` (milliseconds), `-code` and `-reason`. The key
 * is the source. What the topic's retention has deleted is neither listed nor counted.
 */
export async function openKafkaDeadLetters(options: KafkaDeadLettersOptions): Promise<DeadLetters> {
  const { brokers, topic } = options;
  const kafka = new Kafka({
    clientId: 'asof-dead-letters',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    ...(options.security !== undefined && securityConfig(options.security)),
  });
  const admin = kafka.admin();
  const cluster = createCluster(kafka);
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  const offsets = createOffsets(cluster, options.systemClock);
  const topics = createTopics(
    admin,
    {
      partitions: 1,
      replicationFactor: options.replicationFactor ?? -1,
      timestampType: 'LogAppendTime',
    },
    options.systemClock,
  );
  const asking = <T>(work: () => Promise<T>): Promise<T> => askingKafka(brokers, work, [topic]);
  const clients = [admin, cluster, producer];
  await asking(async () => {
    await connectAll(clients);
    try {
      await topics.ensure(topic);
    } catch (error) {
      await disconnectAll(clients);
      throw error;
    }
  });
  const counted = new Map<number, number>();
  const counts = new Map<string, number>();
  let counting: Promise<unknown> = Promise.resolve();

  const read = (partition: number, offset: number, limit: number): Promise<FetchedMessage[]> =>
    fetchMessages(cluster, offsets, { topic, partition, offset, limit });

  async function countNew(): Promise<void> {
    for (const [partition, end] of await offsets.ends(topic)) {
      for (let next = counted.get(partition) ?? 0; next < end; ) {
        const messages = await read(partition, next, scanRecords);
        for (const { headers } of messages) {
          const source = textOf(headers, 'source');
          counts.set(source, (counts.get(source) ?? 0) + 1);
        }
        next = messages.length === 0 ? end : Number(messages.at(-1)!.offset) + 1;
        counted.set(partition, next);
      }
    }
  }

  /** Newest first, from one partition. */
  async function listPartition(partition: number, end: number, source: string, limit: number): Promise<DeadLetter[]> {
    const found: DeadLetter[] = [];
    for (let before = end; before > 0 && found.length < limit; ) {
      const from = Math.max(0, before - scanRecords);
      const messages = (await read(partition, from, before - from)).filter(({ offset }) => Number(offset) < before);
      found.push(
        ...messages
          .map(letterOf)
          .filter((letter) => letter.source === source)
          .reverse(),
      );
      before = from;
    }
    return found;
  }

  return {
    put: (letters) =>
      asking(async () => {
        if (letters.length === 0) return;
        await producer.send({
          topic,
          acks: -1,
          messages: letters.map((letter) => ({
            key: letter.source,
            value: bytesOf(letter),
            headers: headersOf(letter),
          })),
        });
      }),
    counts: () =>
      asking(async () => {
        const turn = counting.then(countNew);
        counting = turn.catch(() => {});
        await turn;
        return new Map(counts);
      }),
    list: (source, limit) =>
      asking(async () => {
        const found: DeadLetter[] = [];
        for (const [partition, end] of await offsets.ends(topic)) {
          found.push(...(await listPartition(partition, end, source, limit - found.length)));
        }
        return found.slice(0, limit);
      }),
    [Symbol.asyncDispose]: () => disconnectAll(clients),
  };
}

function bytesOf({ original, payload }: DeadLetter): Buffer {
  const bytes = original === undefined ? Buffer.from(payload) : Buffer.from(original);
  return bytes.subarray(0, longestValueBytes);
}

function headersOf({ source, origin, partition, offset, at, code, reason }: DeadLetter): IHeaders {
  return {
    'asof-source': source,
    'asof-origin': origin,
    'asof-partition': String(partition),
    'asof-offset': String(offset),
    'asof-at': String(at),
    'asof-code': code,
    'asof-reason': reason.slice(0, longestReasonLength),
  };
}

function letterOf({ headers, value }: FetchedMessage): DeadLetter {
  return {
    source: textOf(headers, 'source'),
    origin: textOf(headers, 'origin'),
    partition: Number(textOf(headers, 'partition')),
    offset: Number(textOf(headers, 'offset')),
    at: Number(textOf(headers, 'at')),
    code: textOf(headers, 'code'),
    reason: textOf(headers, 'reason'),
    payload: cutText(value ?? Buffer.alloc(0)),
  };
}

function textOf(headers: IHeaders | undefined, name: string): string {
  const value = headers?.[`asof-${name}`];
  return value === undefined || Array.isArray(value) ? '' : value.toString();
}

/** At most 64 KiB of UTF-8, cut between characters. */
function cutText(bytes: Buffer): string {
  if (bytes.length <= listedPayloadBytes) return bytes.toString();
  let end = listedPayloadBytes;
  // 10xxxxxx continues a character.
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}
