import type { Definitions } from '../../core/definitions/model.ts';
import { createRegistryWatcher } from '../../runtime/registry-watcher.ts';
import { createApplyDefinitions } from '../../subgraphs/registry/apply.ts';
import { userFunctionsOnDemand } from '../functions/open.ts';
import { countFailedCall, watchExpressions } from './measure.ts';
import type { Part, Registered, Shared } from './parts/part.ts';

/** The registry, read and followed; as a part it says whether its store answers. */
export async function openRegistered(
  shared: Shared,
  /** Applied first; null = what the registry holds. */
  definitions: Definitions | null,
): Promise<{ readonly registered: Registered; readonly contact: Part }> {
  const { stores, logger, metrics, stack, onError } = shared;
  const { systemClock } = stores;
  const documents = await stores.registry();
  const openFunctions = userFunctionsOnDemand({ clock: systemClock, onFailure: countFailedCall(metrics, logger) });
  let awaySince: number | null = null;
  const onContact = (lost: unknown): void => {
    awaySince = lost === null ? null : systemClock.nowMillis();
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
  };
}
