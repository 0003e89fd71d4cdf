import type { LocalSubgraph } from '../../../gateway/subgraph.ts';
import { createGraphqlDoor } from '../../../runtime/graphql-door.ts';
import { subgraphLimits } from '../../../runtime/limits.ts';
import type { RegistryWatcher } from '../../../runtime/registry-watcher.ts';
import { sdlRoute } from '../../../runtime/sdl-route.ts';
import { followRegistry } from '../../../runtime/subgraph-graph.ts';
import type { Part, ProcessStores, Shared } from './part.ts';

/** A subgraph for the gateway of another process. */
export function serveSubgraph(
  registered: Shared<ProcessStores> & { readonly watcher: RegistryWatcher },
  subgraph: LocalSubgraph,
): Part {
  const { stores, watcher, metrics, logger, stack } = registered;
  const source = followRegistry(subgraph, watcher);
  stack.defer(source.stop);
  const { systemClock } = stores;
  const { routes, upgrades } = stack.use(
    createGraphqlDoor({ source, metrics, logger, systemClock, limits: subgraphLimits, defaultQuery: null }),
  );
  return {
    routes: [...routes, sdlRoute(source.typeDefs)],
    upgrades,
    links: [{ path: '/sdl', what: 'what this subgraph can answer' }],
  };
}
