import { Kafka, logLevel } from 'kafkajs';
import type { DataClock, SystemClock } from '../../core/ports/clocks.ts';
import type { ConsumeOptions, EventLog } from '../../core/ports/event-log.ts';
import { linkSignals } from '../../core/time/linked-signal.ts';
import { createAppender } from './append.ts';
import { askingKafka, isOfKafka, kafkaErrorOf } from './asking.ts';
import { createCluster } from './cluster.ts';
import { connectAll, disconnectAll } from './connect-all.ts';
import { fetchRange } from './fetch-range.ts';
import { createFormerMembers } from './former-members.ts';
import { createGroups } from './groups.ts';
import { newestArrivalBefore } from './newest-arrival.ts';
import { createOffsets } from './offsets.ts';
import { type KafkaSecurity, securityConfig } from './security.ts';
import { type GroupTimes, joinGroup } from './session.ts';
import { createTopics } from './topics.ts';

export interface KafkaEventLogOptions {
  /** `host:port` each. */
  readonly brokers: readonly string[];
  readonly systemClock: SystemClock;
  /** Default: neither TLS nor SASL. */
  readonly security?: KafkaSecurity;
  readonly clientId?: string;
  /** Of topics that `append` makes. Default 3. */
  readonly partitions?: number;
  /** Of topics that `append` makes. Default: the broker's. */
  readonly replicationFactor?: number;
  readonly times?: Partial<GroupTimes>;
  /** A replay's clock: it stamps arrivals instead of the brokers, whose time is the present. */
  readonly replay?: Pick<DataClock, 'stampArrival'>;
}

const defaultTimes: GroupTimes = { sessionMillis: 30_000, heartbeatMillis: 3_000, waitMillis: 250 };

/**
 * How kafkajs asks again while brokers are away. Its own pauses grow until they are as long as the outage was, and a consumer
 * that has given up waits for one more of them: nobody would notice for ten seconds that the brokers are back.
 */
const retry = { initialRetryTime: 300, multiplier: 2, factor: 0.2, maxRetryTime: 2_000, retries: 7 };

/** How often topics that do not exist yet are looked for. */
const discoverMillis = 1_000;

/** A Kafka cluster's topics. Throws UNAVAILABLE when none of the brokers answers. */
export async function openKafkaEventLog(options: KafkaEventLogOptions): Promise<EventLog> {
  const { systemClock } = options;
  const asking = <T>(work: () => Promise<T>, ...topics: string[]): Promise<T> =>
    askingKafka(options.brokers, work, topics);
  const kafka = new Kafka({
    clientId: options.clientId ?? 'asof',
    brokers: [...options.brokers],
    logLevel: logLevel.NOTHING,
    retry,
    ...(options.security !== undefined && securityConfig(options.security)),
  });
  const admin = kafka.admin();
  const cluster = createCluster(kafka);
  const offsets = createOffsets(cluster, systemClock);
  const topics = createTopics(
    admin,
    {
      partitions: options.partitions ?? 3,
      replicationFactor: options.replicationFactor ?? -1,
      timestampType: options.replay === undefined ? 'LogAppendTime' : 'CreateTime',
    },
    systemClock,
  );
  const { replay } = options;
  const stampArrival = replay === undefined ? null : () => replay.stampArrival();
  const appender = createAppender(kafka, topics, stampArrival);
  const clients = [admin, cluster, appender];
  await asking(() => connectAll(clients));
  const groups = createGroups(cluster, admin, topics, systemClock);
  const session = {
    kafka,
    systemClock,
    times: { ...defaultTimes, ...options.times },
    formerMembers: createFormerMembers(),
    newestArrivalBefore: (topic: string, partition: number, message: Parameters<typeof newestArrivalBefore>[2]) =>
      newestArrivalBefore(offsets, { topic, partition }, message),
  };

  /** Resolves with those topics that exist, as soon as one does that was not among `known`; empty when aborted. */
  async function discover(wanted: readonly string[], known: readonly string[], signal: AbortSignal): Promise<string[]> {
    while (!signal.aborted) {
      const found: string[] = [];
      for (const topic of wanted) if (await topics.exists(topic)) found.push(topic);
      if (found.length > known.length) return found;
      await systemClock.sleep(discoverMillis, signal).catch(() => {});
    }
    return [];
  }

  async function consume(consumption: ConsumeOptions): Promise<void> {
    const { signal } = consumption;
    let present = await discover(consumption.topics, [], signal);
    while (!signal.aborted) {
      const member = await joinGroup(session, consumption, present);
      const leave = groups.enter(consumption.group, member);
      const over = new AbortController();
      using either = linkSignals(signal, over.signal);
      const searching = lookForMore(consumption, present, either.signal, () => member.end());
      try {
        await member.finished;
      } finally {
        over.abort();
        leave();
      }
      present = await searching;
    }
  }

  /** Ends the membership when a topic appears that it does not read; resolves with the topics to read from then on. */
  async function lookForMore(
    { topics: wanted }: ConsumeOptions,
    present: readonly string[],
    signal: AbortSignal,
    end: () => void,
  ): Promise<string[]> {
    if (present.length === wanted.length) return [...present];
    const found = await discover(wanted, present, signal);
    if (found.length === 0) return [...present];
    end();
    return found;
  }

  const log: EventLog = {
    name: 'kafka',
    append: (topic, records) => asking(() => appender.append(topic, records), topic),
    partitions: (topic) => asking(() => topics.partitions(topic), topic),
    endOffsets: (topic) => asking(async () => ((await topics.exists(topic)) ? offsets.ends(topic) : new Map()), topic),
    read: (topic, partition, offset, limit) =>
      asking(
        async () =>
          (await topics.exists(topic)) ? fetchRange(cluster, offsets, { topic, partition, offset, limit }) : [],
        topic,
      ),
    consume: (consumption) =>
      consume(consumption).catch((error: unknown) => {
        throw isOfKafka(error) ? kafkaErrorOf(options.brokers, error, consumption.topics) : error;
      }),
    commit: (group, topic, offsets, note) => asking(() => groups.commit(group, topic, { offsets, note }), topic),
    committed: (group, topic) => asking(() => groups.committed(group, topic), topic),
    [Symbol.asyncDispose]: () => disconnectAll(clients),
  };
  return log;
}
