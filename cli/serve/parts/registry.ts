import { createApplyDefinitions } from '../../../subgraphs/registry/apply.ts';
import { createRegistrySubgraph, type RegistrySubgraph } from '../../../subgraphs/registry/subgraph.ts';
import type { Registered } from './part.ts';

/** What features exist. */
export async function openRegistrySubgraph(registered: Registered): Promise<RegistrySubgraph> {
  const { stores, documents: store, watcher, openFunctions } = registered;
  const bus = await stores.bus();
  const apply = createApplyDefinitions({ store, systemClock: stores.systemClock, bus, openFunctions });
  return createRegistrySubgraph({ watcher, apply, bus });
}
