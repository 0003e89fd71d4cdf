import { followLinkedReports } from '../../../adapters/cluster/freshness.ts';
import type { Link } from '../../../adapters/cluster/link.ts';
import { createLinkedRegistry } from '../../../adapters/cluster/registry-store.ts';
import { createRegistryWatcher } from '../../../runtime/registry-watcher.ts';
import { userFunctionsOnDemand } from '../../functions/open.ts';
import { type Composition, composeOnline } from '../compose.ts';
import { countFailedCall, watchExpressions } from '../measure.ts';
import { type BackDoors, openFrontGateway, openRemoteGateway } from '../parts/gateway.ts';
import { openOnlineSubgraph, openOtherDoors, openReaders } from '../parts/online.ts';
import type { Serving, ServingStores, Shared } from '../parts/part.ts';
import type { Role } from '../roles.ts';

export interface WorkerDeps {
  readonly link: Link;
  /** null = this worker needs none. */
  readonly doors: BackDoors | null;
  readonly defaultQuery: string;
}

const nothingToFill: Composition['filled'] = Promise.resolve([]);

/** What a worker of this role answers with. */
export async function openWorker(
  role: Role,
  shared: Shared<ServingStores>,
  { link, doors, defaultQuery }: WorkerDeps,
): Promise<Composition> {
  if (role === 'gateway') {
    return { parts: [await openRemoteGateway(shared, defaultQuery)], watcher: null, filled: nothingToFill };
  }
  const serving = await followRegistry(shared, link);
  const { watcher, stack } = serving;
  if (doors === null) return { ...(await composeOnline(serving)), watcher, filled: nothingToFill };
  const readers = await openReaders(serving);
  const freshness = await followLinkedReports(link);
  stack.defer(() => freshness[Symbol.dispose]());
  const online = await openOnlineSubgraph(serving, { ...readers, freshness });
  const gateway = await openFrontGateway(serving, online, { doors, defaultQuery });
  return { parts: [gateway, await openOtherDoors(serving, readers.reader)], watcher, filled: nothingToFill };
}

/** The registry as the primary knows it; whether its store answers is told by the primary's readiness. */
async function followRegistry(shared: Shared<ServingStores>, link: Link): Promise<Serving> {
  const { stores, logger, metrics, stack, onError } = shared;
  const documents = createLinkedRegistry(link);
  const watcher = stack.use(
    await createRegistryWatcher({
      store: documents,
      openFunctions: userFunctionsOnDemand({
        clock: stores.systemClock,
        onFailure: countFailedCall(metrics, logger),
      }),
      onError,
      onContact: (lost) => metrics.registryAway.set(lost === null ? 0 : 1),
    }),
  );
  stack.defer(watchExpressions(metrics, watcher));
  return { ...shared, documents, watcher, registry: () => watcher.current().compiled };
}
