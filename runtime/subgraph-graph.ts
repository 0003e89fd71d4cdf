import type { CompiledRegistry } from '../core/definitions/registry-view.ts';
import type { Graph, GraphSource } from './graph.ts';
import type { RegistryWatcher } from './registry-watcher.ts';
import { createSchemaGraph, type ExecutableSchema } from './schema-graph.ts';

/** A subgraph as a process of its own serves it. */
export interface SubgraphGraph extends GraphSource {
  /** The SDL of the newest graph. */
  typeDefs(): string;
  /** Follows the registry no more. */
  stop(): void;
}

/** The subgraph's graph at the newest revision of the registry. */
export function followRegistry(
  subgraph: { schemaFor(registry: CompiledRegistry): { readonly typeDefs: string } & ExecutableSchema },
  watcher: Pick<RegistryWatcher, 'current' | 'onChange'>,
): SubgraphGraph {
  const listeners = new Set<(graph: Graph) => void>();
  const at = (registry: CompiledRegistry) => {
    const { typeDefs, ...schema } = subgraph.schemaFor(registry);
    return { typeDefs, graph: createSchemaGraph(schema) };
  };
  let newest = at(watcher.current().compiled);
  const stop = watcher.onChange(({ compiled }) => {
    newest = at(compiled);
    for (const listener of [...listeners]) listener(newest.graph);
  });
  return {
    current: () => newest.graph,
    typeDefs: () => newest.typeDefs,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop,
  };
}
