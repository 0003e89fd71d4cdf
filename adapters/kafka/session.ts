import type { EachBatchPayload, Kafka } from 'kafkajs';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { ConsumeOptions, LogRecord } from '../../core/ports/event-log.ts';
import { linkSignals } from '../../core/time/linked-signal.ts';
import type { Instant } from '../../core/values/types.ts';
import { createRecordReader } from './arrival.ts';
import type { FetchedMessage } from './cluster.ts';
import type { Commit } from './coordinator.ts';
import type { FormerMembers } from './former-members.ts';
import { createMembership, isReplaced } from './membership.ts';

/** One membership of a consumer group. */
export interface GroupSession {
  /** Resolves when it was ended; rejects with the failure of a batch or of the group. */
  readonly finished: Promise<void>;
  /** Leaves the group after the batches at hand. */
  end(): void;
  /** See `EventLog.commit`. */
  commit(topic: string, commit: Commit): Promise<void>;
}

export interface SessionDeps {
  readonly kafka: Kafka;
  readonly systemClock: SystemClock;
  readonly times: GroupTimes;
  readonly formerMembers: FormerMembers;
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
  const ending = new AbortController();
  let failure: { readonly error: unknown } | null = null;
  const fail = (error: unknown): void => {
    failure ??= { error };
    ending.abort();
  };
  const linked = linkSignals(ending.signal, options.signal);
  const over = linked.signal;
  const toRecords = recordReaders(deps);

  const membership = createMembership({
    groupId: options.group,
    formerId: deps.formerMembers.take(options.group),
    systemClock: deps.systemClock,
    over,
    release: async () => {
      if (failure === null) await options.onReleasing?.().catch(fail);
    },
  });
  const consumer = deps.kafka.consumer({
    groupId: options.group,
    allowAutoTopicCreation: false,
    sessionTimeout: sessionMillis,
    heartbeatInterval: heartbeatMillis,
    maxWaitTimeInMs: waitMillis,
    partitionAssigners: [membership.assigner],
    retry: { restartOnFailure: async () => !over.aborted },
  });
  let assigned: Promise<void> = Promise.resolve();
  consumer.on(consumer.events.GROUP_JOIN, ({ payload: { memberAssignment } }) => {
    membership.joined(memberAssignment);
    const partitions = new Map(Object.entries(memberAssignment).map(([topic, own]) => [topic, own.map(Number)]));
    assigned = options.onAssigned?.(partitions) ?? Promise.resolve();
    assigned.catch(fail);
  });

  const onBatch = async (payload: EachBatchPayload): Promise<void> => {
    const { batch, resolveOffset, isRunning, isStale } = payload;
    const { topic, partition } = batch;
    const messages = batch.messages as readonly FetchedMessage[];
    await beating(deps, payload, over, () => assigned);
    for (let from = 0; from < messages.length; from += options.maxBatchRecords) {
      if (over.aborted || !isRunning() || isStale()) return;
      const records = await toRecords(topic, partition, messages.slice(from, from + options.maxBatchRecords));
      const isStaying = await beating(deps, payload, over, (leaving) =>
        options.onBatch({ topic, partition, records }, leaving),
      );
      if (!isStaying) return;
      resolveOffset(String(records.at(-1)!.offset));
    }
  };

  const disconnect = async (): Promise<void> => {
    try {
      await consumer.disconnect();
    } finally {
      if (membership.memberId !== null) deps.formerMembers.add(options.group, membership.memberId);
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
    fail(error);
    linked[Symbol.dispose]();
    await disconnect();
    throw error;
  }
  const finish = async (): Promise<void> => {
    await new Promise<void>((resolve) => {
      if (over.aborted) resolve();
      else over.addEventListener('abort', () => resolve(), { once: true });
    });
    linked[Symbol.dispose]();
    await disconnect();
    if (failure !== null) throw failure.error;
  };
  return { finished: finish(), end: () => ending.abort(), commit: membership.commit };
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

/**
 * Tells the group that this member is alive while it works, however long that takes.
 *
 * @param work is told by its signal when the group is being arranged anew or the membership is over, and may give up then
 * @returns false when it may have given up; its own failures are thrown
 */
async function beating(
  { systemClock, times }: SessionDeps,
  { heartbeat }: EachBatchPayload,
  over: AbortSignal,
  work: (leaving: AbortSignal) => Promise<void>,
): Promise<boolean> {
  const done = new AbortController();
  const rearranged = new AbortController();
  const beat = async (): Promise<void> => {
    for (;;) {
      await systemClock.sleep(times.heartbeatMillis, done.signal);
      await heartbeat();
    }
  };
  // It ends by the signal. A group that is being arranged anew is joined by kafkajs, when the batch at hand is over.
  beat().catch((error) => {
    if (isReplaced(error)) rearranged.abort(error);
  });
  using linked = linkSignals(rearranged.signal, over);
  const leaving = linked.signal;
  try {
    await work(leaving);
    return !leaving.aborted;
  } catch (error) {
    if (leaving.aborted) return false;
    throw error;
  } finally {
    done.abort();
  }
}
