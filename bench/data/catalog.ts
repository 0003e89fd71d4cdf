import { createMemoryLiveBus } from '../../adapters/memory/live-bus.ts';
import type { Definitions } from '../../core/definitions/model.ts';
import type { RegistrySnapshot } from '../../core/ports/registry-store.ts';
import { compileRegistry } from '../../core/registry/compile.ts';
import { planChange } from '../../core/registry/plan.ts';
import { applyChange } from '../../core/registry/snapshot.ts';
import { createRegistrySubgraph, type RegistrySubgraph } from '../../subgraphs/registry/subgraph.ts';
import { dated } from './profiles.ts';

const empty: RegistrySnapshot = { revision: 0, versions: [], retired: [] };

/** The registry's subgraph over these definitions, which stay as they are. */
export function createFixedCatalog(definitions: Definitions): RegistrySubgraph {
  const { change } = planChange(empty, definitions, new Date(dated).toISOString());
  const snapshot = applyChange(empty, { ...change, appliedBy: 'bench' });
  const state = { snapshot, compiled: compileRegistry(snapshot) };
  return createRegistrySubgraph({
    watcher: {
      current: () => state,
      refresh: async () => state,
      onChange: () => () => {},
      [Symbol.asyncDispose]: async () => {},
    },
    apply: () => Promise.reject(new Error('nothing is registered here')),
    bus: createMemoryLiveBus(),
  });
}
