import { join } from 'node:path';
import { createDataClock, type DataClockOptions, type PersistedDataClock } from '../../adapters/clock/data-clock.ts';
import { createSystemClock } from '../../adapters/clock/system-clock.ts';
import { createDuckDbOfflineStore } from '../../adapters/duckdb/offline-store.ts';
import { createFileDeadLetters } from '../../adapters/files/dead-letters.ts';
import { lockFolder } from '../../adapters/files/lock-folder.ts';
import { createLmdbOnlineStore } from '../../adapters/lmdb/online-store.ts';
import { createLocalEventLog } from '../../adapters/local-log/event-log.ts';
import { createMemoryLiveBus, type MemoryLiveBus } from '../../adapters/memory/live-bus.ts';
import { openPgliteRegistry } from '../../adapters/pglite/registry-store.ts';
import { openPostgresRegistry } from '../../adapters/postgres/registry-store.ts';
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
import { readPemFile } from './kafka-access.ts';
import { watchLiveBus } from './measure.ts';
import { onceOpened, onDemand } from './once-opened.ts';
import {
  openBusServer,
  openDeadLetterServer,
  openLogServer,
  openOnlineServer,
  type ServerDeps,
  type Watching,
} from './server-stores.ts';
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
  /** The bus where no server passes messages on: `bus` gives the same then. */
  ownBus(): MemoryLiveBus;
  deadLetters(): Promise<DeadLetters>;
  /** What is amiss with them though they are open, one sentence each. */
  notes(): readonly string[];
}

/**
 * @param readElsewhere whether other processes read what is stamped here, each by the system's clock; default false
 */
export function createStores(
  settings: Settings,
  replay: Replay | null,
  watch: Watching,
  { readElsewhere = false }: { readonly readElsewhere?: boolean } = {},
): Stores {
  const stack = createClosingStack();
  const once = <T extends AsyncDisposable>(open: () => Promise<T>) => onceOpened(async () => stack.use(await open()));
  const systemClock = createSystemClock();
  const folder = onDemand(() => {
    stack.use(lockFolder(settings.dataDir));
    return settings.dataDir;
  });
  const clock = onDemand(() =>
    stack.use(openClock({ file: join(folder(), 'clock.json'), systemClock, readElsewhere }, replay)),
  );
  const live = watchLiveBus(watch, systemClock);
  const ownBus = onDemand(() => createMemoryLiveBus());
  const deps: StoreDeps = {
    settings,
    folder,
    systemClock,
    clock,
    isReplay: replay !== null,
    watch,
    live: live.events,
    ownBus,
  };
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
    ownBus,
    deadLetters: once(() => openDeadLetters(deps)),
    notes: live.notes,
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

function openClock(always: DataClockOptions, replay: Replay | null): PersistedDataClock {
  if (replay === null) return createDataClock(always);
  const { start, speed, until: replayUntil, isShared: shared } = replay;
  return createDataClock({ ...always, start, speed, replayUntil, shared, held: true });
}

interface StoreDeps extends ServerDeps {
  /** The data folder, taken. */
  readonly folder: () => string;
  readonly clock: () => PersistedDataClock;
  readonly isReplay: boolean;
  /** The bus within this process. */
  readonly ownBus: () => MemoryLiveBus;
}

async function openRegistry({ settings, folder, systemClock }: StoreDeps): Promise<RegistryStore> {
  const { databaseUrl: url, databaseCaFile: caFile } = settings;
  if (url === null) return openPgliteRegistry({ folder: join(folder(), 'registry') });
  const ca = caFile === null ? {} : { ca: await readPemFile('DATABASE_CA_FILE', caFile) };
  return openPostgresRegistry({ url, ...ca, clock: systemClock });
}

async function openOnline(deps: StoreDeps): Promise<OnlineStore> {
  return (await openOnlineServer(deps)) ?? createLmdbOnlineStore({ folder: join(deps.folder(), 'online') });
}

async function openBus({ ownBus, ...deps }: StoreDeps): Promise<LiveBus> {
  return (await openBusServer(deps)) ?? ownBus();
}

async function openDeadLetters(deps: StoreDeps): Promise<DeadLetters> {
  const { folder } = deps;
  return (await openDeadLetterServer(deps)) ?? createFileDeadLetters({ folder: join(folder(), 'dead-letters') });
}

async function openCodecs({ schemaRegistryUrl: url }: Settings): Promise<PayloadCodecs | null> {
  if (url === null) return null;
  const { createSchemaRegistryCodecs } = await import('../../adapters/schema-registry/codecs.ts');
  const { createSchemaRegistry } = await import('../../adapters/schema-registry/registry.ts');
  return createSchemaRegistryCodecs(createSchemaRegistry({ url }));
}

async function openLog({ folder, clock, isReplay, ...deps }: StoreDeps): Promise<EventLog> {
  const server = await openLogServer(deps, isReplay ? clock() : null);
  if (server !== null) return server;
  return createLocalEventLog({
    folder: join(folder(), 'log'),
    clock: clock(),
    onTornTail: (tail) => deps.watch.logger.warn({ tail }, 'cut off a record that was never confirmed'),
  });
}
