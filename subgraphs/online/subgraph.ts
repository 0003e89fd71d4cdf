import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { entityTypesSdl, onDemandPlaces } from '../../codegen/entity-types.ts';
import { readSchemaFile } from '../../codegen/schema-file.ts';
import { onDemandTypesSdl, viewTypesSdl } from '../../codegen/value-types.ts';
import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import { graphqlNames } from '../../core/names/graphql-names.ts';
import { scalarTypeDefs } from '../../runtime/scalars.ts';
import type { ExecutableSchema } from '../../runtime/schema-graph.ts';
import { createBatchedReads } from './batched-reads.ts';
import { defaultOnlineLimits, type OnlineSubgraphDeps } from './deps.ts';
import { createDirectReads } from './direct/direct-reads.ts';
import { createLiveViews } from './live/live-views.ts';
import { identifyEvent, type SourceEvent } from './live/shared-events.ts';
import { onlineResolvers } from './resolvers.ts';

export interface OnlineSubgraph {
  readonly name: 'online';
  /** The schema of one revision; open subscriptions go on with the schema they began with. */
  schemaFor(registry: CompiledRegistry): { readonly typeDefs: string } & Required<ExecutableSchema>;
  /** How many distinct views of keys subscribers watch; 0 when all have left. */
  watchedViews(): number;
}

/** The subgraph's SDL: the fixed part, and what follows from the definitions. */
export function onlineTypeDefs(registry: CompiledRegistry, names = graphqlNames(registry)): string {
  const places = new Set(onDemandPlaces(registry).map(({ view }) => view));
  return [
    readSchemaFile('online.graphql'),
    scalarTypeDefs,
    viewTypesSdl(registry, ({ online }) => online, names),
    onDemandTypesSdl(registry, (view) => places.has(view), names),
    entityTypesSdl(registry, names),
  ].join('\n');
}

/** What features are now: typed reads, vectors for models, push, freshness and live values. */
export function createOnlineSubgraph(deps: OnlineSubgraphDeps): OnlineSubgraph {
  const limits = { ...defaultOnlineLimits, ...deps.limits };
  const onBackgroundError = deps.onBackgroundError ?? (() => {});
  const liveViews = createLiveViews({ ...deps, reader: deps.liveReader ?? deps.reader, onBackgroundError });
  const values = createBatchedReads((requests) => deps.reader.readValues(requests));
  const compileDirect = createDirectReads({ ...deps, values, limits });
  return {
    name: 'online',
    watchedViews: () => liveViews.watchedCount(),
    schemaFor(registry) {
      const names = graphqlNames(registry);
      const typeDefs = onlineTypeDefs(registry, names);
      const resolvers = onlineResolvers({ ...deps, limits, liveViews }, registry, names);
      const schema = buildSubgraphSchema([{ typeDefs: parse(typeDefs), resolvers }]);
      return { typeDefs, schema, compileDirect, identify: (event) => identifyEvent(event as SourceEvent) };
    },
  };
}
