import type { Definitions } from '../../core/definitions/model.ts';
import { createRegistryWatcher } from '../../runtime/registry-watcher.ts';
import { createApplyDefinitions } from '../../subgraphs/registry/apply.ts';
import { userFunctionsOnDemand } from '../functions/open.ts';
import { countFailedCall, watchExpressions } from './measure.ts';
import type { FollowedRegistry, Part, Registered, Shared } from './parts/part.ts';

/**
 * The registry, read and followed; as a part it says whether its store answers. `followed` is for other processes: a store
 * that is asked for nothing but documents, since what this process knows of it is told.
 */
export async function openRegistered(
  shared: Shared,
  /** Applied first; null = what the registry holds. */
  definitions: Definitions | null,
): Promise<{ readonly registered: Registered; readonly contact: Part; readonly followed: FollowedRegistry }> {
  const { stores, logger, metrics, stack, onError } = shared;
  const { systemClock } = stores;
  const documents = await stores.registry();
  const openFunctions = userFunctionsOnDemand({ clock: systemClock, onFailure: countFailedCall(metrics, logger) });
  let awaySince: number | null = null;
  let newestLoss: unknown = null;
  const contacts = new Set<(lost: unknown) => void>();
  const onContact = (lost: unknown): void => {
    awaySince = lost === null ? null : systemClock.nowMillis();
    newestLoss = lost;
    for (const tell of contacts) tell(lost);
    metrics.registryAway.set(lost === null ? 0 : 1);
    if (lost === null) logger.info('the registry answers again');
    else logger.warn({ err: lost }, 'the registry does not answer; what was read of it last is served');
  };
  const watcher = stack.use(await createRegistryWatcher({ store: documents, openFunctions, onError, onContact }));
  if (definitions !== null) {
    const apply = createApplyDefinitions({ store: documents, systemClock, bus: await stores.bus(), openFunctions });
    await apply(definitions, { appliedBy: 'start' });
    await watcher.refresh();
  }
  stack.defer(watchExpressions(metrics, watcher));
  return {
    registered: { ...shared, documents, watcher, registry: () => watcher.current().compiled, openFunctions },
    contact: {
      notes() {
        if (awaySince === null) return [];
        const since = new Date(awaySince).toISOString();
        const { revision } = watcher.current().snapshot;
        return [`the registry has not answered since ${since}: what is served is that of revision ${revision}`];
      },
    },
    followed: {
      load: async () => watcher.current().snapshot,
      getDocument: (collection, id) => documents.getDocument(collection, id),
      watch(onRevision, tellContact = () => {}) {
        const stop = watcher.onChange(({ snapshot }) => onRevision(snapshot.revision));
        contacts.add(tellContact);
        if (newestLoss !== null) tellContact(newestLoss);
        return () => {
          stop();
          contacts.delete(tellContact);
        };
      },
    },
  };
}
