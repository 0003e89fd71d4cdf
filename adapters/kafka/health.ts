import { type Admin, type ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { findingsOf } from '../../core/health/findings.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { EventLog, LogRecord } from '../../core/ports/event-log.ts';
import type { Finding, HealthCheck } from '../../core/ports/health-check.ts';
import { arrivalHeader } from './arrival.ts';
import { isOfKafka, kafkaErrorOf } from './asking.ts';
import { connectAll } from './connect-all.ts';
import { openKafkaEventLog } from './event-log.ts';
import { type KafkaSecurity, securityConfig } from './security.ts';

export interface KafkaHealthOptions {
  readonly brokers: readonly string[];
  readonly systemClock: SystemClock;
  readonly security: KafkaSecurity;
  readonly group: string;
  /** The topics that feed sources. */
  readonly topics: readonly string[];
  readonly deadLetterTopic: string;
}

/** kafkajs has the name at run time, too, but not where Node looks for it. */
const topicResource: ConfigResourceTypes.TOPIC = 2;

const day = 86_400_000;

const { ok, holds, warn, fail, failed } = findingsOf('Kafka');

/** Looks at the brokers, the consumer group and the topics; makes and writes nothing. */
export function kafkaHealth(options: KafkaHealthOptions): HealthCheck {
  return {
    service: 'Kafka',
    async *checks() {
      const { brokers, security, topics } = options;
      try {
        await using log = await openKafkaEventLog(options);
        const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING, ...securityConfig(security) });
        const admin = kafka.admin();
        await connectAll([admin]);
        try {
          const cluster = await admin.describeCluster();
          const names = cluster.brokers.map(({ host, port }) => `${host}:${port}`).join(', ');
          yield holds(cluster.controller !== null, 'fail', {
            what: 'brokers',
            expected: 'a cluster with a controller',
            got: names,
            remedy: 'See why the cluster has elected none',
          });
          yield await group(admin, options.group);
          const present = new Set(await admin.listTopics());
          for (const topic of topics) {
            yield* lookingAt(brokers, topic, present.has(topic) ? feeding(admin, log, topic) : absent(admin, topic));
          }
          const { deadLetterTopic: letters } = options;
          yield* lookingAt(
            brokers,
            letters,
            present.has(letters) ? taking(admin, log, letters) : makeable(admin, letters),
          );
        } finally {
          await admin.disconnect();
        }
      } catch (error) {
        yield failed('connection', isOfKafka(error) ? kafkaErrorOf(brokers, error, []) : error);
      }
    },
  };
}

/** What is refused of one topic does not keep the others from being looked at. */
async function* lookingAt(
  brokers: readonly string[],
  topic: string,
  findings: AsyncIterable<Finding>,
): AsyncIterable<Finding> {
  try {
    yield* findings;
  } catch (error) {
    yield failed(`topic ${topic}, by`, isOfKafka(error) ? kafkaErrorOf(brokers, error, [topic]) : error);
  }
}

async function* absent(admin: Admin, topic: string): AsyncIterable<Finding> {
  yield warn({
    what: `topic ${topic}`,
    expected: 'a topic, since a source reads it',
    got: 'none, or no right to DESCRIBE it',
    remedy: 'Make it with message.timestamp.type=LogAppendTime; the first push makes it, too, and ingest waits for it',
  });
  yield* makeable(admin, topic);
}

/** Has the brokers say whether they would make it. */
async function* makeable(admin: Admin, topic: string): AsyncIterable<Finding> {
  await admin.createTopics({ topics: [{ topic }], validateOnly: true, waitForLeaders: false });
  yield ok(`right to make ${topic}`, 'it is not there, and may be made');
}

async function group(admin: Admin, groupId: string): Promise<Finding> {
  const what = `consumer group ${groupId}`;
  try {
    const { groups } = await admin.describeGroups([groupId]);
    const found = groups[0] as { readonly state: string; readonly members: readonly unknown[]; errorCode?: number };
    if ((found.errorCode ?? 0) !== 0) throw new Error(`error ${found.errorCode} of Kafka`);
    return ok(what, `${found.state.toLowerCase()}, ${found.members.length} members`);
  } catch (error) {
    return { ...failed(what, error), remedy: `Grant READ and DESCRIBE on the group ${groupId}` };
  }
}

/** A topic that feeds sources. */
async function* feeding(admin: Admin, log: EventLog, topic: string): AsyncIterable<Finding> {
  const { settings, withheld } = await settingsOf(admin, topic);
  yield* withheld;
  yield await arrivals(log, topic, settings.get('message.timestamp.type') ?? 'unknown');
  yield* kept(topic, settings);
  yield await replicas(admin, topic, settings);
}

/** The topic of dead letters: those who were put there are read, too. */
async function* taking(admin: Admin, log: EventLog, topic: string): AsyncIterable<Finding> {
  const { settings, withheld } = await settingsOf(admin, topic);
  yield* withheld;
  await newestOf(log, topic);
  yield await replicas(admin, topic, settings);
}

async function replicas(admin: Admin, topic: string, settings: ReadonlyMap<string, string>): Promise<Finding> {
  const metadata = await admin.fetchTopicMetadata({ topics: [topic] });
  const partitions = metadata.topics[0]?.partitions ?? [];
  const leaderless = partitions.filter(({ leader }) => leader < 0);
  const least = Number(settings.get('min.insync.replicas') ?? 1);
  const behind = partitions.filter(({ isr }) => isr.length < least);
  const copies = Math.min(...partitions.map(({ replicas }) => replicas.length));
  const ids = (some: typeof partitions): string => some.map(({ partitionId }) => partitionId).join(', ');
  const what = `replicas of ${topic}`;
  const remedy = 'Bring the brokers that hold them back, or move the partitions with kafka-reassign-partitions';
  if (leaderless.length > 0) {
    return fail({ what, expected: 'a leader for each partition', got: `none for ${ids(leaderless)}`, remedy });
  }
  if (behind.length > 0) {
    return fail({ what, expected: `min.insync.replicas ${least} in sync`, got: `fewer in ${ids(behind)}`, remedy });
  }
  return holds(copies >= 2 && least >= 2, 'warn', {
    what,
    expected: 'at least 2, and min.insync.replicas at least 2',
    got: `${copies} of each of ${partitions.length} partitions, min.insync.replicas ${least}`,
    remedy: 'Raise both: what one broker alone has confirmed is lost with it',
  });
}

/** The newest record of each partition; rejects where the topic may not be read. */
async function newestOf(log: EventLog, topic: string): Promise<LogRecord[]> {
  const newest: LogRecord[] = [];
  for (const [partition, end] of await log.endOffsets(topic)) {
    newest.push(...(await log.read(topic, partition, Math.max(0, end - 1), 1)));
  }
  return newest;
}

/** Where producers stamp, each record has to bring its arrival; the newest of each partition show whether they do. */
async function arrivals(log: EventLog, topic: string, timestampType: string): Promise<Finding> {
  const what = `arrivals in ${topic}`;
  const newest = await newestOf(log, topic);
  if (timestampType === 'LogAppendTime') return ok(what, 'message.timestamp.type LogAppendTime');
  const expected = `message.timestamp.type LogAppendTime, or a header ${arrivalHeader} in every record`;
  const remedy = `kafka-configs --alter --topic ${topic} --add-config message.timestamp.type=LogAppendTime, or have producers send the header`;
  const seen = newest.length;
  const without = newest.filter(({ problem }) => problem !== undefined).length;
  if (without > 0) {
    const got = `${timestampType}, and ${without} of the newest ${seen} records without the header`;
    return fail({ what, expected, got, remedy: `${remedy}: each of them is a dead letter` });
  }
  if (seen === 0) return warn({ what, expected, got: `${timestampType}, and no record yet`, remedy });
  return ok(what, `${timestampType}, with the header ${arrivalHeader}`);
}

function* kept(topic: string, settings: ReadonlyMap<string, string>): Iterable<Finding> {
  const policy = settings.get('cleanup.policy') ?? 'delete';
  yield holds(!policy.includes('compact'), 'fail', {
    what: `cleanup.policy of ${topic}`,
    expected: 'delete',
    got: policy,
    remedy: 'Set it: compaction takes events away that have not been read yet',
  });
  const retention = Number(settings.get('retention.ms') ?? -1);
  yield holds(retention < 0 || retention >= day, 'warn', {
    what: `retention of ${topic}`,
    expected: 'longer than ingest may be down, at least a day',
    got: retention < 0 ? 'for ever' : `${Math.round(retention / 3_600_000)} h`,
    remedy: 'Raise retention.ms',
  });
}

/** None, and that they are withheld, where this user may not see them. */
async function settingsOf(admin: Admin, topic: string) {
  const resources = [{ type: topicResource, name: topic }];
  try {
    const described = await admin.describeConfigs({ resources, includeSynonyms: false });
    const entries = described.resources[0]?.configEntries ?? [];
    return { settings: new Map(entries.map(({ configName, configValue }) => [configName, configValue])), withheld: [] };
  } catch (error) {
    const remedy = `Grant DESCRIBE_CONFIGS on the topic ${topic}`;
    const withheld = [{ ...failed(`settings of ${topic}`, error, 'warn'), remedy }];
    return { settings: new Map<string, string>(), withheld };
  }
}
