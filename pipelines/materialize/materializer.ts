import { randomUUID } from 'node:crypto';
import { canonicalHash } from '../../core/definitions/canonical-json.ts';
import type { CompiledSource, CompiledView } from '../../core/definitions/compiled.ts';
import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import { nearest } from '../../core/errors/nearest.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { DeadLetters } from '../../core/ports/dead-letters.ts';
import type { MaterializationJob, Materializer } from '../../core/ports/materializer.ts';
import type { Positions } from '../../core/ports/offline-store.ts';
import type { OnlineStore } from '../../core/ports/online-store.ts';
import type { RegistryStore } from '../../core/ports/registry-store.ts';
import { topicOf } from '../../core/records/topic.ts';
import { createLetterBox } from '../ingest/letters.ts';
import { type SourceRoute, shapeOf, sourceRoutes } from '../ingest/routes.ts';
import { clearView } from './clear-view.ts';
import { addHistory, type FillDeps, fillView, historyPositions } from './fill-view.ts';
import { importBatch } from './import-batch.ts';
import { createJobQueue, type JobProgress, type JobWork } from './jobs.ts';
import type { ViewStates } from './view-states.ts';

export interface MaterializerDeps extends FillDeps {
  readonly registry: () => CompiledRegistry;
  readonly states: ViewStates;
  readonly online: Pick<OnlineStore, 'scan' | 'delete'>;
  readonly documents: RegistryStore;
  readonly deadLetters: Pick<DeadLetters, 'put' | 'list'>;
  readonly systemClock: SystemClock;
  /** Batch paths are relative to it. */
  readonly baseFolder: string;
  /** Told of every change of a job, progress included; for progress bars and metrics. */
  readonly onJob?: (job: MaterializationJob) => void;
}

export interface RunningMaterializer extends Materializer, AsyncDisposable {
  /**
   * Imports sources that were never imported and fills every online version that is not whole: new ones, ones whose
   * fill was interrupted, ones whose marker the store lost. Call it at the start and after every registry change.
   * Resolves when all is done; a source that fails leaves its views NOT_READY, its job says why, the others go on.
   */
  ensureReady(registry: CompiledRegistry): Promise<readonly MaterializationJob[]>;
}

/** What an import remembers of a source; a document of the collection `viewStates`. */
interface ImportState {
  readonly read: Readonly<Record<string, number>>;
  /** What the offline store held afterwards. */
  readonly held: Readonly<Record<string, number>>;
}

export function createMaterializer(given: MaterializerDeps): RunningMaterializer {
  const deps = { ...given, deadLetters: createLetterBox(given.deadLetters) };
  const { states, documents } = deps;
  const queue = createJobQueue({ ...deps, onJob: deps.onJob ?? (() => {}) });

  async function importSource(source: CompiledSource, { signal, done, expect }: JobProgress): Promise<void> {
    if (source.definition.batch === undefined) return;
    const before = await importState(source);
    const readBefore = new Map(Object.entries(before?.read ?? {}));
    let rows = 0;
    const onRows = (more: number): void => {
      rows += more;
      done(more, 0);
    };
    const { read } = await importBatch(deps, source, { signal, readBefore, onRows });
    // Only now: as long as the files are read nobody knows how many rows there are.
    expect(rows);
    const held = await deps.offline.durablePositions(source);
    const state: ImportState = {
      read: Object.fromEntries(read),
      held: Object.fromEntries(held),
    };
    await documents.putDocument('viewStates', importId(source), state);
  }

  /** Null when it was never imported, or the offline store has lost what it held since. */
  async function importState(source: CompiledSource): Promise<ImportState | null> {
    const state = (await documents.getDocument('viewStates', importId(source))) as ImportState | null;
    if (state === null) return null;
    const held = await deps.offline.durablePositions(source);
    return Object.entries(state.held).every(([place, offset]) => (held.get(place) ?? -1) >= offset) ? state : null;
  }

  /** A source with a batch location that no import has read to its end. */
  async function isUnread(source: CompiledSource): Promise<boolean> {
    return source.definition.batch !== undefined && (await importState(source)) === null;
  }

  async function bringUpAll(views: readonly CompiledView[], progress: JobProgress, again: boolean): Promise<void> {
    for (const view of views) progress.expect(recordsIn(await historyPositions(deps, view)));
    for (const view of views) await bringUp(view, progress, again);
  }

  async function bringUp(view: CompiledView, progress: JobProgress, again: boolean): Promise<void> {
    const options = { signal: progress.signal, onRecords: progress.done };
    await states.recheck([view]);
    if (!states.isReady(view)) {
      // A batch that took the view for ready must be over, and nothing held that the store has no more.
      await deps.live.runExclusive(async () => deps.writer.forget());
      await clearView(deps.online, view, states.tornShards(view));
      await states.begin(view);
      await fillView(deps, view, (positions) => states.finish(view, positions), options);
    } else {
      const before = again ? new Map<string, number>() : states.positions(view);
      await states.advance(view, await addHistory(deps, view, before, options));
    }
  }

  /** What fails for one does not keep the others from their turn. */
  async function each<T>(
    items: readonly T[],
    { signal }: JobProgress,
    turn: (item: T) => Promise<void>,
  ): Promise<void> {
    const failures: unknown[] = [];
    for (const item of items) {
      try {
        await turn(item);
      } catch (error) {
        signal.throwIfAborted();
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  /** All versions of the named views, and of every other view that an import of their sources has given records. */
  const work = (registry: CompiledRegistry, withImport: boolean): JobWork => {
    return async ({ views: names }, progress) => {
      await each(routesOf(registry, names), progress, async (route) => {
        if (withImport || (await isUnread(route.source))) await importSource(route.source, progress);
        await states.load(route.views);
        const named = route.views.filter(({ name }) => names.includes(name));
        const others = await lagging(route.views.filter(({ name }) => !names.includes(name)));
        await bringUpAll(named, progress, !withImport);
        await bringUpAll(others, progress, false);
      });
    };
  };

  /** Whether history holds records of imports that this version does not. */
  async function lags(view: CompiledView): Promise<boolean> {
    if (!states.isReady(view)) return true;
    const applied = states.positions(view);
    const topic = topicOf(view.source);
    for (const [place, offset] of await deps.offline.durablePositions(view.source)) {
      if (topic !== null && place.startsWith(`${topic}/`)) continue;
      if (offset > (applied.get(place) ?? -1)) return true;
    }
    return false;
  }

  async function lagging(views: readonly CompiledView[]): Promise<CompiledView[]> {
    const found: CompiledView[] = [];
    for (const view of views) if (await lags(view)) found.push(view);
    return found;
  }

  async function isIncomplete({ source, views }: SourceRoute): Promise<boolean> {
    if (await isUnread(source)) return true;
    await states.load(views);
    await states.recheck(views);
    return (await lagging(views)).length > 0;
  }

  const ensureRoute =
    (route: SourceRoute): JobWork =>
    async (_job, progress) => {
      const { source, views } = route;
      if (await isUnread(source)) await importSource(source, progress);
      await states.load(views);
      await states.recheck(views);
      await bringUpAll(await lagging(views), progress, false);
    };

  const rebuildWork =
    (registry: CompiledRegistry): JobWork =>
    async (job, progress) => {
      const routes = routesOf(registry, job.views).map((route) => {
        return { ...route, views: route.views.filter(({ name }) => job.views.includes(name)) };
      });
      // All at once: who rebuilds does not trust what is there.
      for (const { views } of routes) if (job.discard !== undefined) await discard(views, job.discard);
      await each(smallestFirst(routes), progress, (route) => ensureRoute(route)(job, progress));
    };

  async function discard(views: readonly CompiledView[], rebuild: string): Promise<void> {
    await states.load(views);
    for (const view of views) await states.discard(view, rebuild);
  }

  /** Imports and rebuilds go on as new jobs; what an interrupted backfill lacks is found missing and filled below. */
  async function takeUpInterrupted(registry: CompiledRegistry): Promise<Promise<MaterializationJob>[]> {
    const finished: Promise<MaterializationJob>[] = [];
    for (const interrupted of await queue.interrupted()) {
      const views = interrupted.views.filter((view) => registry.views.has(view));
      if (interrupted.kind === 'BACKFILL' || views.length === 0) {
        await queue.cancel(interrupted, 'the process ended; the next fills what is missing');
        continue;
      }
      const { kind, discard } = interrupted;
      const again = kind === 'REBUILD' ? rebuildWork(registry) : work(registry, true);
      const started = await queue.enqueue(kind, views, again, discard === undefined ? {} : { discard });
      await queue.cancel(interrupted, `the process ended; job ${started.job.id} goes on`);
      finished.push(started.finished);
    }
    return finished;
  }

  const start = async (kind: MaterializationJob['kind'], views: readonly string[]): Promise<MaterializationJob> => {
    const registry = deps.registry();
    for (const view of views) checkView(registry, view);
    return (await queue.enqueue(kind, views, work(registry, kind === 'MATERIALIZE'))).job;
  };

  return {
    backfill: (views) => start('BACKFILL', views),
    materialize: (views) => start('MATERIALIZE', views),
    async rebuild(views, options) {
      const registry = deps.registry();
      for (const view of views ?? []) checkView(registry, view);
      const names = views ?? [...registry.views.keys()];
      const fields = options.discard ? { discard: randomUUID() } : {};
      return (await queue.enqueue('REBUILD', names, rebuildWork(registry), fields)).job;
    },
    hasHistory: async (source) => !(await isUnread(source)),
    get: (id) => queue.get(id),
    list: (limit) => queue.list(limit),
    async ensureReady(registry) {
      const finished = await takeUpInterrupted(registry);
      for (const route of smallestFirst(sourceRoutes(registry))) {
        if (!(await isIncomplete(route))) continue;
        const names = [...new Set(route.views.map(({ name }) => name))];
        finished.push((await queue.enqueue('BACKFILL', names, ensureRoute(route))).finished);
      }
      return await Promise.all(finished);
    },
    [Symbol.asyncDispose]: () => queue.stop(),
  };
}

/** Views of an older version may be built from an older shape of their source, which is imported for itself. */
function importId(source: CompiledSource): string {
  return `import:${source.name}:${canonicalHash(shapeOf(source)).slice(0, 12)}`;
}

function routesOf(registry: CompiledRegistry, views: readonly string[]): SourceRoute[] {
  const sources = new Set(views.flatMap((name) => registry.views.get(name) ?? []).map(({ source }) => source.name));
  return sourceRoutes(registry).filter(({ source }) => sources.has(source.name));
}

/** Rows before events: reference data is there at once, while long histories fill. */
function smallestFirst(routes: readonly SourceRoute[]): SourceRoute[] {
  return [...routes].sort((a, b) => Number(a.source.kind === 'events') - Number(b.source.kind === 'events'));
}

/** Offsets count from 0, so they bound the number of records from above; close enough for a progress bar. */
function recordsIn(positions: Positions): number {
  let records = 0;
  for (const offset of positions.values()) records += offset + 1;
  return records;
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
