import { type Admin, type ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { findingsOf } from '../../core/health/findings.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { EventLog } from '../../core/ports/event-log.ts';
import type { Finding, HealthCheck } from '../../core/ports/health-check.ts';
import { arrivalHeader } from './arrival.ts';
import { openKafkaEventLog } from './event-log.ts';
import { type KafkaSecurity, securityConfig } from './security.ts';

export interface KafkaHealthOptions {
  readonly brokers: readonly string[];
  readonly systemClock: SystemClock;
  readonly security: KafkaSecurity;
  readonly group: string;
  /** The topics that feed sources. */
  readonly topics: readonly string[];
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
        await admin.connect();
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
          for (const topic of topics) yield* present.has(topic) ? oneTopic(admin, log, topic) : [absent(topic)];
        } finally {
          await admin.disconnect();
        }
      } catch (error) {
        yield failed('connection', error);
      }
    },
  };
}

function absent(topic: string): Finding {
  return warn({
    what: `topic ${topic}`,
    expected: 'a topic, since a source reads it',
    got: 'none, or no right to DESCRIBE it',
    remedy: 'Make it with message.timestamp.type=LogAppendTime; the first push makes it, too, and ingest waits for it',
  });
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

async function* oneTopic(admin: Admin, log: EventLog, topic: string): AsyncIterable<Finding> {
  const metadata = await admin.fetchTopicMetadata({ topics: [topic] });
  const partitions = metadata.topics[0]?.partitions ?? [];
  let settings: ReadonlyMap<string, string>;
  try {
    settings = await settingsOf(admin, topic);
  } catch (error) {
    yield { ...failed(`settings of ${topic}`, error, 'warn'), remedy: `Grant DESCRIBE_CONFIGS on the topic ${topic}` };
    settings = new Map();
  }
  yield await arrivals(log, topic, settings.get('message.timestamp.type') ?? 'unknown');
  yield* kept(topic, settings);
  const leaderless = partitions.filter(({ leader }) => leader < 0);
  const least = Number(settings.get('min.insync.replicas') ?? 1);
  const behind = partitions.filter(({ isr }) => isr.length < least);
  const copies = Math.min(...partitions.map(({ replicas }) => replicas.length));
  const ids = (some: typeof partitions): string => some.map(({ partitionId }) => partitionId).join(', ');
  const what = `replicas of ${topic}`;
  const remedy = 'Bring the brokers that hold them back, or move the partitions with kafka-reassign-partitions';
  if (leaderless.length > 0) {
    yield fail({ what, expected: 'a leader for each partition', got: `none for ${ids(leaderless)}`, remedy });
  } else if (behind.length > 0) {
    yield fail({ what, expected: `min.insync.replicas ${least} in sync`, got: `fewer in ${ids(behind)}`, remedy });
  } else {
    yield holds(copies >= 2 && least >= 2, 'warn', {
      what,
      expected: 'at least 2, and min.insync.replicas at least 2',
      got: `${copies} of each of ${partitions.length} partitions, min.insync.replicas ${least}`,
      remedy: 'Raise both: what one broker alone has confirmed is lost with it',
    });
  }
}

/** Where producers stamp, each record has to bring its arrival; the newest of each partition show whether they do. */
async function arrivals(log: EventLog, topic: string, timestampType: string): Promise<Finding> {
  const what = `arrivals in ${topic}`;
  if (timestampType === 'LogAppendTime') return ok(what, 'message.timestamp.type LogAppendTime');
  const expected = `message.timestamp.type LogAppendTime, or a header ${arrivalHeader} in every record`;
  const remedy = `kafka-configs --alter --topic ${topic} --add-config message.timestamp.type=LogAppendTime, or have producers send the header`;
  let [seen, without] = [0, 0];
  for (const [partition, end] of await log.endOffsets(topic)) {
    if (end === 0) continue;
    for (const { problem } of await log.read(topic, partition, end - 1, 1)) {
      seen++;
      if (problem !== undefined) without++;
    }
  }
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

async function settingsOf(admin: Admin, topic: string): Promise<ReadonlyMap<string, string>> {
  const resources = [{ type: topicResource, name: topic }];
  const described = await admin.describeConfigs({ resources, includeSynonyms: false });
  return new Map(described.resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]));
}
