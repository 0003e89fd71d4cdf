import { createReadCache } from '../../../core/online/read-cache.ts';
import { createOnlineReader, type OnlineReader } from '../../../core/online/reader.ts';
import type { FreshnessIncident, FreshnessMonitor } from '../../../core/ports/freshness.ts';
import { createAdmission } from '../../../runtime/admission.ts';
import { defaultLimits } from '../../../runtime/limits.ts';
import { defaultOnlineLimits } from '../../../subgraphs/online/deps.ts';
import { feastGrpcRoutes } from '../../../subgraphs/online/feast/feast-grpc.ts';
import { feastHttpRoutes } from '../../../subgraphs/online/feast/feast-http.ts';
import { featureStoreRoutes } from '../../../subgraphs/online/grpc/feature-store.ts';
import { pushEvents } from '../../../subgraphs/online/push.ts';
import { createOnlineSubgraph, type OnlineSubgraph } from '../../../subgraphs/online/subgraph.ts';
import { watchReadCache } from '../measure.ts';
import type { Part, Serving } from './part.ts';

/**
 * The readers of a process: what queries read, from memory where the settings say so; and what subscribers read, who are told
 * of an update by the same bus that the cache is told by, and read past it.
 */
export async function openReaders({ settings, stores, metrics, registry, stack }: Serving): Promise<Readers> {
  const { clock, systemClock } = stores;
  const store = await stores.online();
  const direct = createOnlineReader({ store, clock });
  if (settings.onlineCache === null) return { reader: direct, liveReader: direct };
  const bus = await stores.bus();
  const cache = await createReadCache({ store, bus, registry, systemClock, limits: settings.onlineCache });
  stack.defer(() => cache[Symbol.dispose]());
  watchReadCache(metrics, cache);
  return { reader: createOnlineReader({ store: cache.store, clock }), liveReader: direct };
}

export interface Readers {
  readonly reader: OnlineReader;
  readonly liveReader: OnlineReader;
}

/** The same for who has no GraphQL: gRPC, and what clients of Feast call. */
export async function openOtherDoors({ registry, stores, metrics }: Serving, reader: OnlineReader): Promise<Part> {
  const { clock, systemClock } = stores;
  const deps = { registry, reader, clock, systemClock, limits: defaultOnlineLimits };
  const [log, deadLetters] = [await stores.log(), await stores.deadLetters()];
  return {
    grpc: [...featureStoreRoutes(deps), ...feastGrpcRoutes(deps)],
    routes: feastHttpRoutes({
      ...deps,
      push: (input) => pushEvents({ ...deps, log, deadLetters, onRefused: countRefused(metrics) }, registry(), input),
      admission: createAdmission({ most: defaultLimits.requestsAtOnce, metrics, systemClock }),
      bodyBytes: defaultLimits.bodyBytes,
    }),
  };
}

const countRefused =
  ({ ingestRecords }: Serving['metrics']) =>
  (topic: string, events: number): void =>
    ingestRecords.inc({ source: topic, outcome: 'rejected' }, events);

/** What features are now. */
export async function openOnlineSubgraph(
  { stores, documents, metrics, onError }: Serving,
  { reader, liveReader, freshness }: Readers & { readonly freshness: FreshnessMonitor },
): Promise<OnlineSubgraph> {
  const { clock, systemClock } = stores;
  return createOnlineSubgraph({
    reader,
    liveReader,
    clock,
    systemClock,
    log: await stores.log(),
    bus: await stores.bus(),
    freshness,
    deadLetters: await stores.deadLetters(),
    onRefused: countRefused(metrics),
    incident: async (id) => (await documents.getDocument('incidents', id)) as FreshnessIncident | null,
    onBackgroundError: onError,
  });
}
