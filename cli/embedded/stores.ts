import { join } from 'node:path';
import { createDataClock, type PersistedDataClock } from '../../adapters/clock/data-clock.ts';
import { createSystemClock } from '../../adapters/clock/system-clock.ts';
import { createDuckDbOfflineStore } from '../../adapters/duckdb/offline-store.ts';
import { createFileDeadLetters } from '../../adapters/files/dead-letters.ts';
import { lockFolder } from '../../adapters/files/lock-folder.ts';
import { createLmdbOnlineStore } from '../../adapters/lmdb/online-store.ts';
import { createLocalEventLog } from '../../adapters/local-log/event-log.ts';
import { createMemoryLiveBus } from '../../adapters/memory/live-bus.ts';
import { openPgliteRegistry } from '../../adapters/pglite/registry-store.ts';
import { openPostgresRegistry } from '../../adapters/postgres/registry-store.ts';
import { openRedisOnlineStore, type RedisOnlineStoreOptions } from '../../adapters/redis/open.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { DeadLetters } from '../../core/ports/dead-letters.ts';
import type { EventLog } from '../../core/ports/event-log.ts';
import type { LiveBus } from '../../core/ports/live-bus.ts';
import type { OfflineStore } from '../../core/ports/offline-store.ts';
import type { OnlineStore } from '../../core/ports/online-store.ts';
import type { PayloadCodecs } from '../../core/ports/payload-codecs.ts';
import type { RegistryStore } from '../../core/ports/registry-store.ts';
import type { Instant } from '../../core/values/types.ts';
import { createClosingStack } from '../../runtime/closing-stack.ts';
import type { Logger } from '../../runtime/logging.ts';
import type { Metrics } from '../../runtime/metrics.ts';
import { openKafkaAccess, readPemFile } from './kafka-access.ts';
import { watchRedis } from './measure.ts';
import type { Settings } from './settings.ts';

/** A replay instead of the present: data time starts at `start` and runs at `speed` until `until`. */
export interface Replay {
  readonly start: Instant;
  readonly speed: number;
  readonly until: Instant;
}

/** Everything that outlives a request; closed in the reverse order of opening. */
export interface Stores extends AsyncDisposable {
  readonly systemClock: SystemClock;
  readonly clock: PersistedDataClock;
  readonly registry: RegistryStore;
  readonly online: OnlineStore;
  readonly offline: OfflineStore;
  readonly log: EventLog;
  /** null = only JSON can be read. */
  readonly codecs: PayloadCodecs | null;
  readonly bus: LiveBus;
  readonly deadLetters: DeadLetters;
}

/** Who hears how the stores fare. */
export interface Watching {
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Opens the embedded stores, or the servers that the settings name. LOCKED when another process has the folder. */
export async function openStores(settings: Settings, replay: Replay | null, watch: Watching): Promise<Stores> {
  const { dataDir } = settings;
  const { logger } = watch;
  const stack = createClosingStack();
  try {
    stack.use(lockFolder(dataDir));
    const systemClock = createSystemClock();
    const clock = stack.use(
      createDataClock({
        file: join(dataDir, 'clock.json'),
        systemClock,
        ...(replay === null ? {} : { start: replay.start, speed: replay.speed, replayUntil: replay.until, held: true }),
      }),
    );
    const registry = stack.use(
      settings.databaseUrl === null
        ? await openPgliteRegistry({ folder: join(dataDir, 'registry') })
        : await openPostgresRegistry({
            url: settings.databaseUrl,
            ...(settings.databaseCaFile !== null && {
              ca: await readPemFile('DATABASE_CA_FILE', settings.databaseCaFile),
            }),
            clock: systemClock,
          }),
    );
    const online = stack.use(
      settings.redisUrl === null
        ? createLmdbOnlineStore({ folder: join(dataDir, 'online') })
        : await openRedis(settings.redisUrl, settings, { clock: systemClock, events: watchRedis(watch) }),
    );
    const offline = stack.use(
      await createDuckDbOfflineStore({ folder: join(dataDir, 'offline'), memoryLimit: settings.duckDbMemory }),
    );
    const log = stack.use(await openLog(settings, { systemClock, clock, isReplay: replay !== null, logger }));
    const bus = stack.use(createMemoryLiveBus({ bufferSize: 10_000 }));
    const deadLetters = stack.use(await openDeadLetters(settings, systemClock));
    return {
      systemClock,
      clock,
      registry,
      online,
      offline,
      log,
      codecs: await openCodecs(settings),
      bus,
      deadLetters,
      [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
    };
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
}

async function openRedis(
  url: string,
  { redisCaFile, redisSentinelPassword, redisReadDeadlineMillis }: Settings,
  deps: Pick<RedisOnlineStoreOptions, 'clock' | 'events'>,
): Promise<OnlineStore> {
  return openRedisOnlineStore({
    ...deps,
    url,
    ...(redisCaFile !== null && { ca: await readPemFile('REDIS_CA_FILE', redisCaFile) }),
    ...(redisSentinelPassword !== null && { sentinelPassword: redisSentinelPassword }),
    deadlines: { readMillis: redisReadDeadlineMillis },
  });
}

async function openDeadLetters(settings: Settings, systemClock: SystemClock): Promise<DeadLetters> {
  const { kafkaBrokers: brokers, kafkaDeadLetterTopic: topic } = settings;
  if (brokers.length === 0) return createFileDeadLetters({ folder: join(settings.dataDir, 'dead-letters') });
  const { openKafkaDeadLetters } = await import('../../adapters/kafka/dead-letters.ts');
  return openKafkaDeadLetters({ brokers, topic, systemClock, security: await openKafkaAccess(settings.kafkaAccess) });
}

async function openCodecs({ schemaRegistryUrl: url }: Settings): Promise<PayloadCodecs | null> {
  if (url === null) return null;
  const { createSchemaRegistryCodecs } = await import('../../adapters/schema-registry/codecs.ts');
  const { createSchemaRegistry } = await import('../../adapters/schema-registry/registry.ts');
  return createSchemaRegistryCodecs(createSchemaRegistry({ url }));
}

interface LogDeps {
  readonly systemClock: SystemClock;
  readonly clock: PersistedDataClock;
  readonly isReplay: boolean;
  readonly logger: Logger;
}

async function openLog(settings: Settings, { systemClock, clock, isReplay, logger }: LogDeps): Promise<EventLog> {
  if (settings.kafkaBrokers.length > 0) {
    const { openKafkaEventLog } = await import('../../adapters/kafka/event-log.ts');
    return openKafkaEventLog({
      brokers: settings.kafkaBrokers,
      security: await openKafkaAccess(settings.kafkaAccess),
      systemClock,
      ...(isReplay ? { replay: clock } : {}),
    });
  }
  return createLocalEventLog({
    folder: join(settings.dataDir, 'log'),
    clock,
    onTornTail: (tail) => logger.warn({ tail }, 'cut off a record that was never confirmed'),
  });
}
