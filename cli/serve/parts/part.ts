import type { CompiledRegistry } from '../../../core/definitions/registry-view.ts';
import type { DataClock, SystemClock } from '../../../core/ports/clocks.ts';
import type { DeadLetters } from '../../../core/ports/dead-letters.ts';
import type { EventLog } from '../../../core/ports/event-log.ts';
import type { LiveBus } from '../../../core/ports/live-bus.ts';
import type { MaterializationJob } from '../../../core/ports/materializer.ts';
import type { OnlineStore } from '../../../core/ports/online-store.ts';
import type { RegistryStore } from '../../../core/ports/registry-store.ts';
import type { OpenUserFunctions } from '../../../core/ports/user-functions.ts';
import type { ClosingStack } from '../../../runtime/closing-stack.ts';
import type { GrpcRoute } from '../../../runtime/grpc/grpc-route.ts';
import type { UpgradeRoute } from '../../../runtime/http-host.ts';
import type { Route } from '../../../runtime/http-route.ts';
import type { Logger } from '../../../runtime/logging.ts';
import type { Metrics } from '../../../runtime/metrics.ts';
import type { RegistryWatcher } from '../../../runtime/registry-watcher.ts';
import type { Access } from '../access.ts';
import type { Settings } from '../settings.ts';
import type { Stores } from '../stores.ts';

/** One part of Asof as a process runs it: what it serves and what it does beside. */
export interface Part {
  readonly routes?: readonly Route[];
  readonly upgrades?: readonly UpgradeRoute[];
  readonly grpc?: readonly GrpcRoute[];
  /** For the page at `/`. */
  readonly links?: readonly { readonly path: string; readonly what: string }[];
  /** When the process listens. */
  start?(): Promise<void>;
  /** After each newer revision, one call at a time. */
  registryChanged?(): Promise<void>;
  /** Why it cannot do its work yet, one sentence each; empty = it can. */
  unready?(): readonly string[];
  /** What is amiss though it works, one sentence each. */
  notes?(): readonly string[];
}

/** What every process has of stores. */
export interface ProcessStores {
  readonly systemClock: SystemClock;
  /** What is amiss with them though they are open, one sentence each. */
  notes(): readonly string[];
}

/** What all parts of one process share. */
export interface Shared<S extends ProcessStores = Stores> {
  readonly settings: Settings;
  readonly stores: S;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly access: Access;
  /** Closed with the process. */
  readonly stack: ClosingStack;
  /** Told of failures that no request waits for. */
  readonly onError: (error: unknown) => void;
}

/** The same for parts that know the registry. */
export interface Registered extends Shared {
  readonly documents: RegistryStore;
  readonly watcher: RegistryWatcher;
  readonly registry: () => CompiledRegistry;
  readonly openFunctions: OpenUserFunctions;
}

/** What is asked of stores by who says what features are now, and changes nothing but by what it appends to the log. */
export interface ServingStores extends ProcessStores {
  readonly clock: DataClock;
  online(): Promise<Pick<OnlineStore, 'getMany' | 'shards' | 'held'>>;
  log(): Promise<Pick<EventLog, 'append'>>;
  bus(): Promise<LiveBus>;
  deadLetters(): Promise<Pick<DeadLetters, 'put' | 'list' | 'counts'>>;
}

/** The same for parts that only serve; a `Registered` is one. */
export interface Serving extends Shared<ServingStores> {
  readonly documents: FollowedRegistry;
  readonly watcher: RegistryWatcher;
  readonly registry: () => CompiledRegistry;
}

/** What who only serves asks of the registry's store. */
export type FollowedRegistry = Pick<RegistryStore, 'load' | 'watch' | 'getDocument'>;

export type OnJob = (job: MaterializationJob) => void;
