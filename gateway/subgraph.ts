import type { CompiledRegistry } from '../core/definitions/registry-view.ts';
import type { Graph, GraphRequest, GraphResult, GraphResultStream } from '../runtime/graph.ts';
import { createSchemaGraph, type ExecutableSchema } from '../runtime/schema-graph.ts';

/** Executes one fetch of a query plan; the same for a subgraph in this process and for one at a URL. */
export type SubgraphExecutor = (request: GraphRequest) => Promise<GraphResult | GraphResultStream>;

/** A subgraph as it is now: what the gateway composes, and how it asks it. */
export interface SubgraphPart {
  readonly name: string;
  readonly typeDefs: string;
  /** Absent for one in this process. */
  readonly url?: string;
  readonly execute: SubgraphExecutor;
  /** How it answers queries that it can answer alone; null = as it executes all others. */
  readonly direct?: Graph['direct'];
}

/** A subgraph in this process; its schema follows the registry. */
export interface LocalSubgraph {
  readonly name: string;
  schemaFor(registry: CompiledRegistry): { readonly typeDefs: string } & ExecutableSchema;
}

/** A subgraph in another process; its schema follows the registry there, and is asked for. */
export interface SubgraphAddress {
  readonly name: string;
  /** Of its processes, `http://host:port` each: the graph is at `/graphql`, its SDL at `/sdl`. At least one. */
  readonly urls: readonly string[];
  /** What the gateway authenticates with there now; null = nothing. */
  readonly token: () => string | null;
  /** A query that is not answered within so long is UNAVAILABLE; absent = within what the whole operation may take. */
  readonly queryMillis?: number;
}

/** Subgraphs of this process at one revision of the registry. */
export function localParts(subgraphs: readonly LocalSubgraph[], registry: CompiledRegistry): SubgraphPart[] {
  return subgraphs.map((subgraph) => {
    const { typeDefs, ...schema } = subgraph.schemaFor(registry);
    const { execute, direct } = createSchemaGraph(schema);
    return { name: subgraph.name, typeDefs, execute, direct };
  });
}
