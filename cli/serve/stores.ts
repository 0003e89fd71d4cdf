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
import type { LiveBusEvents } from '../../adapters/redis/live-bus.ts';
import { openRedisOnlineStore } from '../../adapters/redis/open.ts';
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
import { watchLiveBus, watchRedis } from './measure.ts';
import type { Settings } from './settings.ts';

/** A replay instead of the present: data time starts at `start` and runs at `speed` until `until`. */
export interface Replay {
  readonly start: Instant;
  readonly speed: number;
  readonly until: Instant;
  /** Whether other processes show the same: it begins for all of them when one says so (`replay-start.ts`). */
  readonly isShared: boolean;
}

/**
 * Everything that outlives a request: the embedded stores, or the servers that the settings name. Each is opened when a
 * part first asks for it and is the same for all parts; closed in the reverse order of opening. What is kept in the data
 * folder takes the folder first: LOCKED when another process has it.
 */
export interface Stores extends AsyncDisposable {
  readonly systemClock: SystemClock;
  readonly clock: PersistedDataClock;
  registry(): Promise<RegistryStore>;
  online(): Promise<OnlineStore>;
  offline(): Promise<OfflineStore>;
  log(): Promise<EventLog>;
  /** null = only JSON can be read. */
  codecs(): Promise<PayloadCodecs | null>;
  bus(): Promise<LiveBus>;
  deadLetters(): Promise<DeadLetters>;
  /** What is amiss with them though they are open, one sentence each. */
  notes(): readonly string[];
}

/** Who hears how the stores fare. */
export interface Watching {
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export function createStores(settings: Settings, replay: Replay | null, watch: Watching): Stores {
  const stack = createClosingStack();
  const once = <T extends AsyncDisposable>(open: () => Promise<T>) => onceOpened(async () => stack.use(await open()));
  const systemClock = createSystemClock();
  const folder = onDemand(() => {
    stack.use(lockFolder(settings.dataDir));
    return settings.dataDir;
  });
  const clock = onDemand(() => stack.use(openClock(join(folder(), 'clock.json'), systemClock, replay)));
  const live = watchLiveBus(watch, systemClock);
  const deps: StoreDeps = { settings, folder, systemClock, clock, isReplay: replay !== null, watch, live: live.events };
  return {
    systemClock,
    get clock() {
      return clock();
    },
    registry: once(() => openRegistry(deps)),
    online: once(() => openOnline(deps)),
    offline: once(() => createDuckDbOfflineStore({ folder: settings.offlineDir, memoryLimit: settings.duckDbMemory })),
    log: once(() => openLog(deps)),
    codecs: onDemand(() => openCodecs(settings)),
    bus: once(() => openBus(deps)),
    deadLetters: once(() => openDeadLetters(deps)),
    notes: live.notes,
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

function openClock(file: string, systemClock: SystemClock, replay: Replay | null): PersistedDataClock {
  if (replay === null) return createDataClock({ file, systemClock });
  const { start, speed, until: replayUntil, isShared: shared } = replay;
  return createDataClock({ file, systemClock, start, speed, replayUntil, shared, held: true });
}

function onDemand<T>(open: () => T): () => T {
  let opened: { readonly value: T } | null = null;
  return () => {
    opened ??= { value: open() };
    return opened.value;
  };
}

/** The same when it has been opened; asked for again, it is tried again. */
function onceOpened<T>(open: () => Promise<T>): () => Promise<T> {
  let opening: Promise<T> | null = null;
  return () => {
    opening ??= open().catch((error: unknown) => {
      opening = null;
      throw error;
    });
    return opening;
  };
}

interface StoreDeps {
  readonly settings: Settings;
  /** The data folder, taken. */
  readonly folder: () => string;
  readonly systemClock: SystemClock;
  readonly clock: () => PersistedDataClock;
  readonly isReplay: boolean;
  readonly watch: Watching;
  readonly live: LiveBusEvents;
}

async function openRegistry({ settings, folder, systemClock }: StoreDeps): Promise<RegistryStore> {
  const { databaseUrl: url, databaseCaFile: caFile } = settings;
  if (url === null) return openPgliteRegistry({ folder: join(folder(), 'registry') });
  const ca = caFile === null ? {} : { ca: await readPemFile('DATABASE_CA_FILE', caFile) };
  return openPostgresRegistry({ url, ...ca, clock: systemClock });
}

async function openOnline({ settings, folder, systemClock, watch }: StoreDeps): Promise<OnlineStore> {
  const { redisUrl: url, redisReadDeadlineMillis: readMillis } = settings;
  if (url === null) return createLmdbOnlineStore({ folder: join(folder(), 'online') });
  const access = await redisAccess(settings, url);
  return openRedisOnlineStore({ ...access, clock: systemClock, events: watchRedis(watch), deadlines: { readMillis } });
}

async function redisAccess({ redisCaFile, redisSentinelPassword }: Settings, url: string) {
  return {
    url,
    ...(redisCaFile !== null && { ca: await readPemFile('REDIS_CA_FILE', redisCaFile) }),
    ...(redisSentinelPassword !== null && { sentinelPassword: redisSentinelPassword }),
  };
}

async function openBus({ settings, systemClock, live: events }: StoreDeps): Promise<LiveBus> {
  if (settings.redisUrl === null) return createMemoryLiveBus();
  const { createRedisLiveBus } = await import('../../adapters/redis/live-bus.ts');
  const access = await redisAccess(settings, settings.redisUrl);
  return createRedisLiveBus({ ...access, clock: systemClock, events });
}

async function openDeadLetters({ settings, folder, systemClock }: StoreDeps): Promise<DeadLetters> {
  const { kafkaBrokers: brokers, kafkaDeadLetterTopic: topic } = settings;
  if (brokers.length === 0) return createFileDeadLetters({ folder: join(folder(), 'dead-letters') });
  const { openKafkaDeadLetters } = await import('../../adapters/kafka/dead-letters.ts');
  return openKafkaDeadLetters({ brokers, topic, systemClock, security: await openKafkaAccess(settings.kafkaAccess) });
}

async function openCodecs({ schemaRegistryUrl: url }: Settings): Promise<PayloadCodecs | null> {
  if (url === null) return null;
  const { createSchemaRegistryCodecs } = await import('../../adapters/schema-registry/codecs.ts');
  const { createSchemaRegistry } = await import('../../adapters/schema-registry/registry.ts');
  return createSchemaRegistryCodecs(createSchemaRegistry({ url }));
}

async function openLog({ settings, folder, systemClock, clock, isReplay, watch }: StoreDeps): Promise<EventLog> {
  if (settings.kafkaBrokers.length > 0) {
    const { openKafkaEventLog } = await import('../../adapters/kafka/event-log.ts');
    return openKafkaEventLog({
      brokers: settings.kafkaBrokers,
      security: await openKafkaAccess(settings.kafkaAccess),
      systemClock,
      ...(isReplay ? { replay: clock() } : {}),
    });
  }
  return createLocalEventLog({
    folder: join(folder(), 'log'),
    clock: clock(),
    onTornTail: (tail) => watch.logger.warn({ tail }, 'cut off a record that was never confirmed'),
  });
}
