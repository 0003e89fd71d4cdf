import type { OnlineReader } from '../../../core/online/reader.ts';
import type { FreshnessIncident, FreshnessMonitor } from '../../../core/ports/freshness.ts';
import { featureStoreRoutes } from '../../../subgraphs/online/grpc/feature-store.ts';
import { createOnlineSubgraph, type OnlineSubgraph } from '../../../subgraphs/online/subgraph.ts';
import type { Part, Registered } from './part.ts';

/** The same over gRPC. */
export function openFeatureStore({ registry, stores }: Registered, reader: OnlineReader): Part {
  return { grpc: featureStoreRoutes({ registry, reader, systemClock: stores.systemClock }) };
}

/** What features are now. */
export async function openOnlineSubgraph(
  { stores, documents, metrics, onError }: Registered,
  { reader, freshness }: { readonly reader: OnlineReader; readonly freshness: FreshnessMonitor },
): Promise<OnlineSubgraph> {
  const { clock, systemClock } = stores;
  return createOnlineSubgraph({
    reader,
    clock,
    systemClock,
    log: await stores.log(),
    bus: await stores.bus(),
    freshness,
    deadLetters: await stores.deadLetters(),
    onRefused: (topic, events) => metrics.ingestRecords.inc({ source: topic, outcome: 'rejected' }, events),
    incident: async (id) => (await documents.getDocument('incidents', id)) as FreshnessIncident | null,
    onBackgroundError: onError,
  });
}
