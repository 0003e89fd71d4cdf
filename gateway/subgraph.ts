import type { GraphQLSchema } from 'graphql';
import type { CompiledRegistry } from '../core/definitions/registry-view.ts';
import type { GraphRequest, GraphResult, GraphResultStream } from '../runtime/graph.ts';

/** Executes one fetch of a query plan; the same for a subgraph in this process and for one at a URL. */
export type SubgraphExecutor = (request: GraphRequest) => Promise<GraphResult | GraphResultStream>;

/** A subgraph in this process; its schema follows the registry. */
export interface LocalSubgraph {
  readonly name: string;
  schemaFor(registry: CompiledRegistry): { readonly typeDefs: string; readonly schema: GraphQLSchema };
}

/** A subgraph in another process; its schema follows the registry there, and is asked for. */
export interface SubgraphAddress {
  readonly name: string;
  /** The GraphQL address, `http://host:port/graphql`. */
  readonly url: string;
  /** What the gateway authenticates with there; null = nothing. */
  readonly token: string | null;
}

export type GatewaySubgraph = LocalSubgraph | SubgraphAddress;
