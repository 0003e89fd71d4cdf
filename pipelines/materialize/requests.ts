import { randomUUID } from 'node:crypto';
import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import { nearest } from '../../core/errors/nearest.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { MaterializationJob, Materializer } from '../../core/ports/materializer.ts';
import type { RegistryStore } from '../../core/ports/registry-store.ts';

export type MaterializationRequests = Omit<Materializer, 'hasHistory'>;

export interface MaterializationRequestsDeps {
  readonly registry: () => CompiledRegistry;
  readonly documents: Pick<RegistryStore, 'getDocument' | 'putDocument' | 'listDocuments'>;
  readonly systemClock: Pick<SystemClock, 'nowMillis'>;
}

/** Asks for jobs by their documents, in any process: the one that leads takes them up. */
export function createMaterializationRequests({
  registry,
  documents,
  systemClock,
}: MaterializationRequestsDeps): MaterializationRequests {
  const ask = async (
    kind: MaterializationJob['kind'],
    views: readonly string[],
    fields: Pick<MaterializationJob, 'discard'> = {},
  ): Promise<MaterializationJob> => {
    for (const view of views) checkView(registry(), view);
    const job = { ...newJob(kind, views, systemClock), ...fields };
    await documents.putDocument('materializations', job.id, job);
    return job;
  };
  return {
    backfill: (views) => ask('BACKFILL', views),
    materialize: (views) => ask('MATERIALIZE', views),
    rebuild: (views, { discard }) =>
      ask('REBUILD', views ?? [...registry().views.keys()], discard ? { discard: randomUUID() } : {}),
    get: async (id) => (await documents.getDocument('materializations', id)) as MaterializationJob | null,
    list: async (limit) => (await documents.listDocuments('materializations', limit)) as readonly MaterializationJob[],
  };
}

export function newJob(
  kind: MaterializationJob['kind'],
  views: readonly string[],
  systemClock: Pick<SystemClock, 'nowMillis'>,
): MaterializationJob {
  return {
    id: randomUUID(),
    kind,
    views,
    state: 'QUEUED',
    recordsDone: 0,
    recordsTotal: null,
    keysWritten: 0,
    createdAt: new Date(systemClock.nowMillis()).toISOString(),
    finishedAt: null,
    error: null,
    waitsFor: null,
  };
}

function checkView(registry: CompiledRegistry, name: string): void {
  if (registry.views.has(name)) return;
  const closest = nearest(name, registry.views.keys());
  throw new AsofError('UNKNOWN_NAME', `there is no feature view "${name}"`, {
    path: `views.${name}`,
    expected: 'the name of a feature view',
    remedy: closest === null ? 'List them with the query `featureViews`.' : `Did you mean "${closest}"?`,
  });
}
