import type { LiveBusEvents } from '../../adapters/redis/live-bus.ts';
import { openRedisOnlineStore } from '../../adapters/redis/open.ts';
import type { DataClock, SystemClock } from '../../core/ports/clocks.ts';
import type { DeadLetters } from '../../core/ports/dead-letters.ts';
import type { EventLog } from '../../core/ports/event-log.ts';
import type { LiveBus } from '../../core/ports/live-bus.ts';
import type { OnlineStore } from '../../core/ports/online-store.ts';
import type { Logger } from '../../runtime/logging.ts';
import type { Metrics } from '../../runtime/metrics.ts';
import { openKafkaAccess, readPemFile } from './kafka-access.ts';
import { watchRedis } from './measure.ts';
import type { Settings } from './settings.ts';

/** Who hears how the stores fare. */
export interface Watching {
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface ServerDeps {
  readonly settings: Settings;
  readonly systemClock: SystemClock;
  readonly watch: Watching;
  readonly live: LiveBusEvents;
}

/** Redis; null = the settings name none. */
export async function openOnlineServer({ settings, systemClock, watch }: ServerDeps): Promise<OnlineStore | null> {
  const { redisUrl: url, redisReadDeadlineMillis: readMillis } = settings;
  if (url === null) return null;
  const access = await redisAccess(settings, url);
  return openRedisOnlineStore({ ...access, clock: systemClock, events: watchRedis(watch), deadlines: { readMillis } });
}

/** A stream in Redis; null = the settings name none. */
export async function openBusServer({ settings, systemClock, live: events }: ServerDeps): Promise<LiveBus | null> {
  if (settings.redisUrl === null) return null;
  const { createRedisLiveBus } = await import('../../adapters/redis/live-bus.ts');
  const access = await redisAccess(settings, settings.redisUrl);
  return createRedisLiveBus({ ...access, clock: systemClock, events });
}

async function redisAccess({ redisCaFile, redisSentinelPassword }: Settings, url: string) {
  return {
    url,
    ...(redisCaFile !== null && { ca: await readPemFile('REDIS_CA_FILE', redisCaFile) }),
    ...(redisSentinelPassword !== null && { sentinelPassword: redisSentinelPassword }),
  };
}

/** Kafka; null = the settings name none. */
export async function openDeadLetterServer({ settings, systemClock }: ServerDeps): Promise<DeadLetters | null> {
  const { kafkaBrokers: brokers, kafkaDeadLetterTopic: topic } = settings;
  if (brokers.length === 0) return null;
  const { openKafkaDeadLetters } = await import('../../adapters/kafka/dead-letters.ts');
  return openKafkaDeadLetters({ brokers, topic, systemClock, security: await openKafkaAccess(settings.kafkaAccess) });
}

/**
 * Kafka; null = the settings name none.
 *
 * @param replay the clock of a replay, which stamps arrivals then; null = brokers do
 */
export async function openLogServer(
  { settings, systemClock }: ServerDeps,
  replay: DataClock | null,
): Promise<EventLog | null> {
  if (settings.kafkaBrokers.length === 0) return null;
  const { openKafkaEventLog } = await import('../../adapters/kafka/event-log.ts');
  return openKafkaEventLog({
    brokers: settings.kafkaBrokers,
    security: await openKafkaAccess(settings.kafkaAccess),
    systemClock,
    ...(replay !== null && { replay }),
  });
}
