import type { Definitions } from '../../core/definitions/model.ts';
import { createOnlineReader } from '../../core/online/reader.ts';
import type { MaterializationJob } from '../../core/ports/materializer.ts';
import { createBell } from '../../pipelines/bell.ts';
import { publishedProgress, publishProgress } from '../../pipelines/ingest/progress.ts';
import { onlineVersions, topicRoutes } from '../../pipelines/ingest/routes.ts';
import { followReports, publishReports } from '../../pipelines/monitor/published-reports.ts';
import { watchReadyViews } from '../../pipelines/monitor/ready-views.ts';
import type { RegistryWatcher } from '../../runtime/registry-watcher.ts';
import { openBackground, openWriter } from './background.ts';
import { openLocalGateway, openRemoteGateway } from './parts/gateway.ts';
import { openIngest } from './parts/ingest.ts';
import { openMonitor } from './parts/monitor.ts';
import { openOffline } from './parts/offline.ts';
import { openOnlineSubgraph, openOtherDoors, openReaders } from './parts/online.ts';
import type { OnJob, Part, Registered, Serving, Shared } from './parts/part.ts';
import { openRegistrySubgraph } from './parts/registry.ts';
import { serveSubgraph } from './parts/served-subgraph.ts';
import { openRegistered } from './registered.ts';
import type { Role } from './roles.ts';

/** What a process is made of. */
export interface Composition {
  readonly parts: readonly Part[];
  /** null = the process does not know the registry. */
  readonly watcher: RegistryWatcher | null;
  readonly filled: Promise<readonly MaterializationJob[]>;
}

export interface CompositionOptions {
  readonly definitions: Definitions | null;
  readonly defaultQuery: string;
  readonly onJob: OnJob;
}

/** The parts of a process of this role, in the order in which they start. */
export async function compose(role: Role, shared: Shared, options: CompositionOptions): Promise<Composition> {
  if (role === 'gateway') {
    return { parts: [await openRemoteGateway(shared, options.defaultQuery)], watcher: null, filled: nothingToFill };
  }
  const { registered, contact } = await openRegistered(shared, options.definitions);
  const { parts, filled = nothingToFill } = await composers[role](registered, options);
  return { parts: [contact, ...parts], watcher: registered.watcher, filled };
}

const nothingToFill: Promise<readonly MaterializationJob[]> = Promise.resolve([]);

type Composer = (
  registered: Registered,
  options: CompositionOptions,
) => Promise<Pick<Composition, 'parts'> & Partial<Pick<Composition, 'filled'>>>;

const composers: Readonly<Record<Exclude<Role, 'gateway'>, Composer>> = {
  all: composeAll,
  registry: async (registered) => ({ parts: [serveSubgraph(registered, await openRegistrySubgraph(registered))] }),
  online: composeOnline,
  offline: composeOffline,
  ingest: composeIngest,
  monitor: composeMonitor,
};

async function composeAll(registered: Registered, { defaultQuery, onJob }: CompositionOptions) {
  const readers = await openReaders(registered);
  const writer = await openWriter(registered.stores);
  const background = await openBackground(registered, { reader: readers.liveReader, writer, onJob });
  const { offline, freshness } = background;
  const online = await openOnlineSubgraph(registered, { ...readers, freshness });
  const registry = await openRegistrySubgraph(registered);
  const gateway = await openLocalGateway(registered, [registry, online, offline.subgraph], defaultQuery);
  const doors = await openOtherDoors(registered, readers.reader);
  return { parts: [gateway, doors, ...background.parts], filled: offline.filled };
}

export async function composeOnline(registered: Serving) {
  const { stores, stack } = registered;
  const { systemClock } = stores;
  const store = await stores.online();
  const readers = await openReaders(registered);
  const freshness = stack.use(followReports({ store, systemClock }));
  const subgraph = await openOnlineSubgraph(registered, { ...readers, freshness });
  return { parts: [serveSubgraph(registered, subgraph), await openOtherDoors(registered, readers.reader)] };
}

async function composeOffline(registered: Registered, { onJob }: CompositionOptions) {
  const { stores } = registered;
  const reader = createOnlineReader({ store: await stores.online(), clock: stores.clock });
  const writer = await openWriter(stores);
  // Nobody rings: ingest is elsewhere, and looked after.
  const offline = await openOffline(registered, { reader, writer, committed: createBell(), onJob });
  // It answers what it can while it fills.
  const filling: Part = { notes: offline.unfilled };
  return { parts: [serveSubgraph(registered, offline.subgraph), offline, filling], filled: offline.filled };
}

async function composeIngest(registered: Registered) {
  const { stores, registry, stack, onError } = registered;
  const { systemClock } = stores;
  const store = await stores.online();
  const part = await openIngest(registered, { writer: await openWriter(stores), committed: createBell() });
  const topics = () => topicRoutes(registry()).keys();
  const publishing: Part = {
    async start() {
      stack.use(publishProgress({ ingest: part.ingest, topics, store, systemClock, onError }));
    },
  };
  return { parts: [part, publishing] };
}

async function composeMonitor(registered: Registered) {
  const { stores, registry, stack } = registered;
  const { systemClock } = stores;
  const [store, log] = [await stores.online(), await stores.log()];
  const ready = stack.use(watchReadyViews({ views: () => onlineVersions(registry()), store, systemClock }));
  const monitor = await openMonitor(registered, {
    progress: publishedProgress({ store, log }),
    isLive: ready.isReady,
    onChecked: (reports) => publishReports(store, reports),
  });
  return { parts: [monitor] };
}
