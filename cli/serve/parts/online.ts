import type { OnlineReader } from '../../../core/online/reader.ts';
import type { FreshnessIncident, FreshnessMonitor } from '../../../core/ports/freshness.ts';
import { createOnlineSubgraph, type OnlineSubgraph } from '../../../subgraphs/online/subgraph.ts';
import type { Registered } from './part.ts';

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
