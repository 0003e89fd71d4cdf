import { followSubgraphs } from '../../../gateway/follow-subgraphs.ts';
import { createGateway, type Gateway } from '../../../gateway/gateway.ts';
import { grpcProxy } from '../../../gateway/grpc-proxy.ts';
import { httpProxy } from '../../../gateway/http-proxy.ts';
import { type LocalSubgraph, localParts, type SubgraphAddress } from '../../../gateway/subgraph.ts';
import { createGraphqlDoor } from '../../../runtime/graphql-door.ts';
import { openTrustedDocuments } from '../documents.ts';
import type { Part, Registered, Shared } from './part.ts';

/** The one door, over subgraphs of this process. */
export async function openLocalGateway(
  registered: Registered,
  subgraphs: readonly LocalSubgraph[],
  defaultQuery: string,
): Promise<Part> {
  const { registry, metrics, logger } = registered;
  const gateway = createGateway({ metrics, logger });
  const update = () => gateway.update(localParts(subgraphs, registry()));
  await update();
  return { ...(await door(registered, gateway, defaultQuery)), registryChanged: update };
}

/** The one door, over subgraphs of other processes. */
export async function openRemoteGateway(shared: Shared, defaultQuery: string): Promise<Part> {
  const { settings, access, stores, metrics, logger, stack } = shared;
  const gateway = createGateway({ metrics, logger });
  const address = (name: keyof typeof settings.subgraphUrls): SubgraphAddress => ({
    name,
    urls: settings.subgraphUrls[name],
    token: access.gatewayToken,
    // What was may take long to work out; what is may not.
    ...(name !== 'offline' && { queryMillis: settings.queryMillis }),
  });
  const offline = address('offline');
  const online = address('online');
  const follower = stack.use(
    followSubgraphs({
      gateway,
      addresses: [address('registry'), online, offline],
      firstNeeds: ['registry', 'online'],
      systemClock: stores.systemClock,
      metrics,
      logger,
    }),
  );
  const { routes = [], ...rest } = await door(shared, gateway, defaultQuery);
  const proxy = grpcProxy(online, stores.systemClock);
  stack.defer(() => proxy[Symbol.dispose]());
  return {
    ...rest,
    grpc: proxy.routes,
    routes: [
      ...routes,
      httpProxy({ path: '/datasets/', methods: ['GET', 'HEAD'] }, offline),
      httpProxy({ path: '/get-online-features', methods: ['POST'] }, online),
      httpProxy({ path: '/push', methods: ['POST'], needs: 'writer' }, online),
    ],
    unready: () => follower.unready(),
    notes: () => follower.notes(),
  };
}

async function door(shared: Shared, source: Gateway, defaultQuery: string): Promise<Part> {
  const { settings, metrics, logger, stack } = shared;
  const { systemClock } = shared.stores;
  const trusted = await openTrustedDocuments(settings, { systemClock, logger, stack });
  const { routes, upgrades } = stack.use(
    createGraphqlDoor({ source, metrics, logger, systemClock, trusted, defaultQuery }),
  );
  return { routes, upgrades, links: [{ path: '/graphql', what: 'the graph; in a browser GraphiQL' }] };
}
