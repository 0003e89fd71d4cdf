import type { OnlineReader } from '../../../core/online/reader.ts';
import type { FreshnessIncident, FreshnessMonitor } from '../../../core/ports/freshness.ts';
import { createAdmission } from '../../../runtime/admission.ts';
import { defaultLimits } from '../../../runtime/limits.ts';
import { defaultOnlineLimits } from '../../../subgraphs/online/deps.ts';
import { feastGrpcRoutes } from '../../../subgraphs/online/feast/feast-grpc.ts';
import { feastHttpRoutes } from '../../../subgraphs/online/feast/feast-http.ts';
import { featureStoreRoutes } from '../../../subgraphs/online/grpc/feature-store.ts';
import { pushEvents } from '../../../subgraphs/online/push.ts';
import { createOnlineSubgraph, type OnlineSubgraph } from '../../../subgraphs/online/subgraph.ts';
import type { Part, Registered } from './part.ts';

/** The same for who has no GraphQL: gRPC, and what clients of Feast call. */
export async function openOtherDoors({ registry, stores, metrics }: Registered, reader: OnlineReader): Promise<Part> {
  const { clock, systemClock } = stores;
  const deps = { registry, reader, clock, systemClock, limits: defaultOnlineLimits };
  const [log, deadLetters] = [await stores.log(), await stores.deadLetters()];
  return {
    grpc: [...featureStoreRoutes(deps), ...feastGrpcRoutes(deps)],
    routes: feastHttpRoutes({
      ...deps,
      push: (input) => pushEvents({ ...deps, log, deadLetters, onRefused: countRefused(metrics) }, registry(), input),
      admission: createAdmission(defaultLimits.requestsAtOnce, metrics),
      bodyBytes: defaultLimits.bodyBytes,
    }),
  };
}

const countRefused =
  ({ ingestRecords }: Registered['metrics']) =>
  (topic: string, events: number): void =>
    ingestRecords.inc({ source: topic, outcome: 'rejected' }, events);

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
    onRefused: countRefused(metrics),
    incident: async (id) => (await documents.getDocument('incidents', id)) as FreshnessIncident | null,
    onBackgroundError: onError,
  });
}
