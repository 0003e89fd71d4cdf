import { followSubgraphs } from '../../../gateway/follow-subgraphs.ts';
import { createGateway, type Gateway } from '../../../gateway/gateway.ts';
import { grpcProxy } from '../../../gateway/grpc-proxy.ts';
import { httpProxy } from '../../../gateway/http-proxy.ts';
import { type LocalSubgraph, localParts, type SubgraphAddress } from '../../../gateway/subgraph.ts';
import { createGraphqlDoor } from '../../../runtime/graphql-door.ts';
import type { Route } from '../../../runtime/http-route.ts';
import { openTrustedDocuments } from '../documents.ts';
import type { Part, ProcessStores, Registered, Serving, Shared } from './part.ts';

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
export async function openRemoteGateway(shared: Shared<ProcessStores>, defaultQuery: string): Promise<Part> {
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
      datasetFiles(offline),
      httpProxy({ path: '/get-online-features', methods: ['POST'] }, online),
      httpProxy({ path: '/push', methods: ['POST'], needs: 'writer' }, online),
    ],
    unready: () => follower.unready(),
    notes: () => follower.notes(),
  };
}

/** Where another process serves what is not asked for often. */
export interface BackDoors {
  readonly registry: string;
  readonly offline: string;
  /** What is shown there. */
  readonly token: string;
}

/** The one door, over the online subgraph of this process and the others of another one. */
export async function openFrontGateway(
  serving: Serving,
  online: LocalSubgraph,
  { doors, defaultQuery }: { readonly doors: BackDoors; readonly defaultQuery: string },
): Promise<Part> {
  const { settings, stores, metrics, logger, registry, stack } = serving;
  const gateway = createGateway({ metrics, logger });
  const token = () => doors.token;
  const offline: SubgraphAddress = { name: 'offline', urls: [doors.offline], token };
  let local = localParts([online], registry());
  const follower = stack.use(
    followSubgraphs({
      gateway,
      addresses: [{ name: 'registry', urls: [doors.registry], token, queryMillis: settings.queryMillis }, offline],
      local: () => local,
      firstNeeds: ['registry', 'offline'],
      systemClock: stores.systemClock,
      metrics,
      logger,
    }),
  );
  const { routes = [], ...rest } = await door(serving, gateway, defaultQuery);
  return {
    ...rest,
    routes: [...routes, datasetFiles(offline)],
    start: () => follower.look(),
    registryChanged() {
      local = localParts([online], registry());
      return follower.look();
    },
    unready: () => follower.unready(),
    notes: () => follower.notes(),
  };
}

function datasetFiles(offline: SubgraphAddress): Route {
  return httpProxy({ path: '/datasets/', methods: ['GET', 'HEAD'] }, offline);
}

async function door(shared: Shared<ProcessStores>, source: Gateway, defaultQuery: string): Promise<Part> {
  const { settings, metrics, logger, stack } = shared;
  const { systemClock } = shared.stores;
  const trusted = await openTrustedDocuments(settings, { systemClock, logger, stack });
  const { routes, upgrades } = stack.use(
    createGraphqlDoor({ source, metrics, logger, systemClock, trusted, defaultQuery }),
  );
  return { routes, upgrades, links: [{ path: '/graphql', what: 'the graph; in a browser GraphiQL' }] };
}
