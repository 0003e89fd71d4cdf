import { composeServices } from '@theguild/federation-composition';
import { type DocumentNode, type GraphQLError, parse } from 'graphql';
import { AsofError } from '../core/errors/asof-error.ts';

export interface ComposableSubgraph {
  readonly name: string;
  readonly typeDefs: string;
  /** Where a gateway reaches it; absent for one in the same process. */
  readonly url?: string;
}

export interface Supergraph {
  /** What a gateway plans with. */
  readonly supergraphSdl: string;
  /** What clients see. */
  readonly publicSdl: string;
}

/** Composes subgraphs; BAD_DEFINITION with every problem when they do not fit together. */
export function composeSupergraph(subgraphs: readonly ComposableSubgraph[]): Supergraph {
  const result = composeServices(
    subgraphs.map(({ name, typeDefs, url }) => ({ name, typeDefs: parsed(name, typeDefs), ...(url && { url }) })),
  );
  if (result.errors) throw refused(result.errors);
  return { supergraphSdl: result.supergraphSdl, publicSdl: result.publicSdl };
}

function parsed(subgraph: string, typeDefs: string): DocumentNode {
  try {
    return parse(typeDefs, { noLocation: true });
  } catch (cause) {
    throw new AsofError(
      'BAD_DEFINITION',
      `the SDL of subgraph '${subgraph}' does not parse: ${cause instanceof Error ? cause.message : String(cause)}`,
      { path: `subgraphs.${subgraph}` },
      { cause },
    );
  }
}

function refused(errors: readonly GraphQLError[]): AsofError {
  const problems = errors.map(({ message, extensions }) =>
    typeof extensions.code === 'string' ? `${extensions.code}: ${message}` : message,
  );
  return new AsofError('BAD_DEFINITION', `the subgraphs do not compose: ${problems.join('; ')}`, {
    path: 'supergraph',
    remedy: 'Change the subgraph that defines the named type so that all agree on it.',
  });
}
