import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { ConsumeOptions, LogRecord } from '../../core/ports/event-log.ts';
import type { Instant } from '../../core/values/types.ts';
import { createRecordReader } from './arrival.ts';
import type { FetchedMessage } from './cluster.ts';

/** One membership of a consumer group. */
export interface GroupSession {
  /** Resolves when it was ended; rejects with the failure of a batch or of the group. */
  readonly finished: Promise<void>;
  /** Leaves the group after the batches at hand. */
  end(): void;
  /** As a member of the group: refused by the broker once others have taken over. */
  commit(topic: string, offsets: ReadonlyMap<number, number>): Promise<void>;
}

export interface SessionDeps {
  readonly kafka: Kafka;
  readonly systemClock: SystemClock;
  readonly times: GroupTimes;
  readonly newestArrivalBefore: (topic: string, partition: number, message: FetchedMessage) => Promise<Instant>;
}

export interface GroupTimes {
  /** A member that was silent for so long has its partitions taken away. */
  readonly sessionMillis: number;
  readonly heartbeatMillis: number;
  /** How long the broker holds a fetch open while there is nothing new. */
  readonly waitMillis: number;
}

const partitionsAtOnce = 8;

/** Joins the group and delivers, from what it has committed on, the records of topics that exist. */
export async function joinGroup(
  deps: SessionDeps,
  options: ConsumeOptions,
  topics: readonly string[],
): Promise<GroupSession> {
  const { sessionMillis, heartbeatMillis, waitMillis } = deps.times;
  const consumer = deps.kafka.consumer({
    groupId: options.group,
    allowAutoTopicCreation: false,
    sessionTimeout: sessionMillis,
    heartbeatInterval: heartbeatMillis,
    maxWaitTimeInMs: waitMillis,
  });
  const ending = new AbortController();
  let failure: { readonly error: unknown } | null = null;
  const fail = (error: unknown): void => {
    failure ??= { error };
    ending.abort();
  };
  const isOver = (): boolean => ending.signal.aborted || options.signal.aborted;
  const toRecords = recordReaders(deps);

  const onBatch = async (payload: EachBatchPayload): Promise<void> => {
    const { batch, resolveOffset, isRunning, isStale } = payload;
    const { topic, partition } = batch;
    const messages = batch.messages as readonly FetchedMessage[];
    for (let from = 0; from < messages.length; from += options.maxBatchRecords) {
      if (isOver() || !isRunning() || isStale()) return;
      const records = await toRecords(topic, partition, messages.slice(from, from + options.maxBatchRecords));
      await beating(deps, payload, () => options.onBatch({ topic, partition, records }));
      resolveOffset(String(records.at(-1)!.offset));
    }
  };

  // What passes (a coordinator that loads, a broker that is away) is tried again by kafkajs itself.
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart) fail(payload.error);
  });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: partitionsAtOnce,
      eachBatch: (payload) => onBatch(payload).catch(fail),
    });
  } catch (error) {
    await consumer.disconnect();
    throw error;
  }
  const finish = async (): Promise<void> => {
    await new Promise<void>((resolve) => {
      const signal = AbortSignal.any([ending.signal, options.signal]);
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await consumer.disconnect();
    if (failure !== null) throw failure.error;
  };
  return {
    finished: finish(),
    end: () => ending.abort(),
    commit: (topic, offsets) => consumer.commitOffsets(positions(topic, offsets)),
  };
}

/** A partition's records in order; where they do not go on from the last ones, the arrival before them is looked up. */
function recordReaders({ newestArrivalBefore }: SessionDeps) {
  const readers = new Map<string, { next: number; read: (message: FetchedMessage) => LogRecord }>();
  return async (topic: string, partition: number, messages: readonly FetchedMessage[]): Promise<LogRecord[]> => {
    const name = `${topic}/${partition}`;
    const [first] = messages;
    let reader = readers.get(name);
    if (first !== undefined && reader?.next !== Number(first.offset)) {
      const newest = await newestArrivalBefore(topic, partition, first);
      reader = { next: 0, read: createRecordReader(partition, newest) };
      readers.set(name, reader);
    }
    const records = reader === undefined ? [] : messages.map(reader.read);
    const last = records.at(-1);
    if (reader !== undefined && last !== undefined) reader.next = last.offset + 1;
    return records;
  };
}

/** Tells the group that this member is alive while a batch is applied, however long that takes. */
async function beating(
  { systemClock, times }: SessionDeps,
  { heartbeat }: EachBatchPayload,
  work: () => Promise<void>,
): Promise<void> {
  const done = new AbortController();
  const beat = async (): Promise<void> => {
    for (;;) {
      await systemClock.sleep(times.heartbeatMillis, done.signal);
      await heartbeat();
    }
  };
  // It ends by the signal, or when the group is being rearranged; the fetch loop sees to that.
  beat().catch(() => {});
  try {
    await work();
  } finally {
    done.abort();
  }
}

function positions(topic: string, offsets: ReadonlyMap<number, number>): Parameters<Consumer['commitOffsets']>[0] {
  return [...offsets].map(([partition, offset]) => ({ topic, partition, offset: String(offset) }));
}
