import { buildSubgraphSchema } from '@apollo/subgraph';
import { type GraphQLSchema, parse } from 'graphql';
import { readSchemaFile } from '../../codegen/schema-file.ts';
import { scalarTypeDefs } from '../../runtime/scalars.ts';
import { type RegistrySubgraphDeps, registryResolvers } from './resolvers.ts';

export interface RegistrySubgraph {
  readonly name: 'registry';
  /** The same for every revision: definitions are data here, and always those that are current. */
  schemaFor(): { readonly typeDefs: string; readonly schema: GraphQLSchema };
}

/** What features exist: definitions, versions, lineage, search, ownership. */
export function createRegistrySubgraph(deps: RegistrySubgraphDeps): RegistrySubgraph {
  const typeDefs = [readSchemaFile('registry.graphql'), scalarTypeDefs].join('\n');
  const schema = buildSubgraphSchema([{ typeDefs: parse(typeDefs), resolvers: registryResolvers(deps) }]);
  return { name: 'registry', schemaFor: () => ({ typeDefs, schema }) };
}
