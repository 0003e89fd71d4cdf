import { buildSubgraphSchema } from '@apollo/subgraph';
import { type GraphQLSchema, parse } from 'graphql';
import { readSchemaFile } from '../../codegen/schema-file.ts';
import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import { graphqlNames } from '../../core/names/graphql-names.ts';
import type { OnlineReader } from '../../core/online/reader.ts';
import type { Materializer } from '../../core/ports/materializer.ts';
import type { Route } from '../../runtime/http-route.ts';
import { scalarResolvers, scalarTypeDefs } from '../../runtime/scalars.ts';
import { asOfResolvers } from './as-of.ts';
import { asOfSdl } from './as-of-sdl.ts';
import { datasetFileRoute } from './datasets/file-route.ts';
import { createTrainingDatasets, type TrainingDatasetsDeps } from './datasets/training-datasets.ts';
import { explainFeature } from './explain.ts';
import { offlineResolvers } from './resolvers.ts';
import { createStatistics } from './statistics.ts';

export interface OfflineSubgraphDeps extends TrainingDatasetsDeps {
  readonly materializer: Materializer;
  /** What is served now, which explanations are held against. */
  readonly reader: Pick<OnlineReader, 'read'>;
}

export interface OfflineSubgraph extends AsyncDisposable {
  readonly name: 'offline';
  /** The schema of one revision of the registry. */
  schemaFor(registry: CompiledRegistry): { readonly typeDefs: string; readonly schema: GraphQLSchema };
  /** The files of finished datasets. */
  readonly routes: readonly Route[];
  /** Takes up training datasets that an earlier process left unfinished. */
  start(): Promise<void>;
}

/** What features were: training datasets, time travel, backfills. */
export function createOfflineSubgraph(deps: OfflineSubgraphDeps): OfflineSubgraph {
  const contract = readSchemaFile('offline.graphql');
  const datasets = createTrainingDatasets(deps);
  const statistics = createStatistics(deps);
  return {
    name: 'offline',
    routes: [datasetFileRoute(datasets)],
    start: () => datasets.start(),
    [Symbol.asyncDispose]: () => datasets[Symbol.asyncDispose](),
    schemaFor(registry) {
      const names = graphqlNames(registry);
      const typeDefs = [contract, scalarTypeDefs, asOfSdl(registry, names)].join('\n');
      const resolvers = offlineResolvers({
        ...deps,
        datasets,
        statistics: (view) => statistics(registry, view),
        explain: (input, signal) => explainFeature(deps, registry, input, signal),
      });
      const past = asOfResolvers(deps, registry, names);
      const all = { ...scalarResolvers, ...past, ...resolvers, Query: { ...resolvers.Query, ...past.Query } };
      const schema = buildSubgraphSchema([{ typeDefs: parse(typeDefs), resolvers: all }]);
      return { typeDefs, schema };
    },
  };
}
