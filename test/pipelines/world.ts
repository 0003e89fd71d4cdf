import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createManualClock, type ManualClock } from '../../adapters/clock/manual-clock.ts';
import { createDuckDbOfflineStore } from '../../adapters/duckdb/offline-store.ts';
import { createFileDeadLetters } from '../../adapters/files/dead-letters.ts';
import { createLocalEventLog } from '../../adapters/local-log/event-log.ts';
import { createMemoryLiveBus } from '../../adapters/memory/live-bus.ts';
import { createMemoryOnlineStore } from '../../adapters/memory/online-store.ts';
import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import { createOnlineReader, type OnlineReader } from '../../core/online/reader.ts';
import { createOnlineWriter } from '../../core/online/writer.ts';
import type { DeadLetters } from '../../core/ports/dead-letters.ts';
import type { EventLog, LogPosition } from '../../core/ports/event-log.ts';
import type { LiveBus } from '../../core/ports/live-bus.ts';
import type { OfflineStore } from '../../core/ports/offline-store.ts';
import type { OnlineStore } from '../../core/ports/online-store.ts';
import type { PayloadCodecs } from '../../core/ports/payload-codecs.ts';
import type { RegistryStore } from '../../core/ports/registry-store.ts';
import type { Instant, Value } from '../../core/values/types.ts';
import { createBell } from '../../pipelines/bell.ts';
import type { IngestLimits } from '../../pipelines/ingest/deps.ts';
import { createIngest, type Ingest, ingestGroup } from '../../pipelines/ingest/ingest.ts';
import { progressOf } from '../../pipelines/ingest/progress.ts';
import { onlineVersions } from '../../pipelines/ingest/routes.ts';
import { createMaterializer, type RunningMaterializer } from '../../pipelines/materialize/materializer.ts';
import { createViewStates, type ViewStates } from '../../pipelines/materialize/view-states.ts';
import {
  createFreshnessMonitor,
  type MonitorSettings,
  type RunningFreshnessMonitor,
} from '../../pipelines/monitor/freshness-monitor.ts';
import { createMemoryDocuments } from './memory-documents.ts';

/** What outlives a process: the folder, the clock, and what a database server holds. */
export interface Ground {
  readonly folder: string;
  readonly clock: ManualClock;
  readonly online: OnlineStore;
  readonly documents: RegistryStore;
  /** Each `[view, key]` change and alert published so far. */
  readonly bus: LiveBus;
  remove(): Promise<void>;
}

export async function createGround(at: Instant): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), 'asof-pipelines-'));
  return {
    folder,
    clock: createManualClock({ at }),
    online: createMemoryOnlineStore(),
    documents: createMemoryDocuments(),
    bus: createMemoryLiveBus(),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** One process's pipelines over that ground. */
export interface World {
  registry: CompiledRegistry;
  readonly log: EventLog;
  readonly offline: OfflineStore;
  readonly deadLetters: DeadLetters;
  readonly ingest: Ingest;
  readonly states: ViewStates;
  readonly materializer: RunningMaterializer;
  readonly monitor: RunningFreshnessMonitor;
  readonly reader: OnlineReader;
  readonly errors: unknown[];
  /** Appends JSON events of one key to a topic. */
  push(topic: string, events: readonly unknown[]): Promise<LogPosition[]>;
  /** Resolves when all that the topic holds is applied. */
  applied(topic: string): Promise<void>;
  /** The values of one view for one key, now. */
  values(view: string, key: readonly Value[], version?: number): Promise<Record<string, Value | string>>;
  close(): Promise<void>;
}

/** Resolves when the batches and other work of the moment are over. */
export async function idle(ingest: Ingest): Promise<void> {
  await ingest.pause();
  ingest.resume();
}

export async function openWorld(
  ground: Ground,
  registry: CompiledRegistry,
  options: {
    readonly limits?: Partial<IngestLimits>;
    readonly monitor?: Partial<MonitorSettings>;
    readonly codecs?: PayloadCodecs;
  } = {},
): Promise<World> {
  const { folder, clock, online, documents, bus } = ground;
  const log = createLocalEventLog({ folder: join(folder, 'log'), clock, sync: false });
  const offline = await createDuckDbOfflineStore({ folder: join(folder, 'offline'), memoryLimit: '256MB', threads: 1 });
  const deadLetters = createFileDeadLetters({ folder: join(folder, 'dead-letters') });
  const writer = createOnlineWriter({ store: online, clock });
  const reader = createOnlineReader({ store: online, clock });
  const states = createViewStates({ documents, online, now: () => new Date(clock.nowMillis()).toISOString() });
  const errors: unknown[] = [];
  const codecs = options.codecs === undefined ? {} : { codecs: options.codecs };
  const shared = {
    ...codecs,
    log,
    offline,
    writer,
    bus,
    deadLetters,
    clock,
    systemClock: clock,
    documents,
    online,
    states,
  };
  const current = (): CompiledRegistry => world.registry;
  const onError = (error: unknown): void => void errors.push(error);
  const { limits = {} } = options;
  const committed = createBell();
  const ingest = createIngest({
    ...shared,
    registry: current,
    adoptions: documents.adoptions,
    onError,
    onCommitted: committed.ring,
    limits,
  });
  const materializer = createMaterializer({
    ...shared,
    registry: current,
    group: limits.group ?? ingestGroup,
    committed,
    baseFolder: folder,
  });
  const { monitor: settings = {} } = options;
  const progress = progressOf(ingest);
  const monitor = createFreshnessMonitor({
    ...shared,
    registry: current,
    progress,
    isLive: states.isReady,
    onError,
    settings,
  });
  await states.load(onlineVersions(registry));

  const world: World = {
    registry,
    log,
    offline,
    deadLetters,
    ingest,
    states,
    materializer,
    monitor,
    reader,
    errors,
    push: (topic, events) =>
      log.append(
        topic,
        events.map((event) => ({
          key: 'k',
          payload: Buffer.from(typeof event === 'string' ? event : JSON.stringify(event)),
        })),
      ),
    async applied(topic) {
      for (;;) {
        const ends = await log.endOffsets(topic);
        const next = ingest.nextOffsets(topic);
        if ([...ends].every(([partition, end]) => (next.get(partition) ?? 0) >= end)) break;
        if (errors.length > 0) throw errors[0];
        await new Promise((resolve) => setImmediate(resolve));
      }
      // The last batch may still tell its subscribers.
      await idle(ingest);
    },
    async values(name, key, version) {
      const versions = [...(world.registry.views.get(name) ?? []), ...(world.registry.retiredViews.get(name) ?? [])];
      const view = versions.find((one) => one.version === version) ?? versions.at(-1)!;
      const { readings } = await reader.read([{ view, key }]);
      const reading = readings[0]!;
      const values = view.features.map((feature, index) => [feature.name, reading.values[index] ?? null]);
      return { status: reading.status, ...Object.fromEntries(values) };
    },
    async close() {
      await monitor.stop();
      await materializer[Symbol.asyncDispose]();
      await ingest.stop();
      await offline[Symbol.asyncDispose]();
      await log[Symbol.asyncDispose]();
      await deadLetters[Symbol.asyncDispose]();
    },
  };
  return world;
}
