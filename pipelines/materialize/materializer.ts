import type { CompiledView } from '../../core/definitions/compiled.ts';
import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { DeadLetters } from '../../core/ports/dead-letters.ts';
import type { MaterializationJob, Materializer } from '../../core/ports/materializer.ts';
import type { OnlineStore } from '../../core/ports/online-store.ts';
import type { RegistryStore } from '../../core/ports/registry-store.ts';
import { topicOf } from '../../core/records/topic.ts';
import type { Bell } from '../bell.ts';
import { createLetterBox } from '../ingest/letters.ts';
import { isPassing } from '../ingest/poison.ts';
import { type SourceRoute, sourceRoutes } from '../ingest/routes.ts';
import { addHistory, type FillDeps, fillView } from './fill-view.ts';
import { handOver } from './hand-over.ts';
import { createImports } from './imports.ts';
import { createJobQueue, type JobProgress, type JobWork } from './jobs.ts';
import { createMaterializationRequests } from './requests.ts';
import type { ViewStates } from './view-states.ts';

export interface MaterializerDeps extends Omit<FillDeps, 'deadLetters'> {
  readonly registry: () => CompiledRegistry;
  readonly states: ViewStates;
  readonly online: Pick<OnlineStore, 'shards' | 'getMany'>;
  readonly documents: RegistryStore;
  readonly deadLetters: Pick<DeadLetters, 'put' | 'list'>;
  readonly systemClock: SystemClock;
  /** Rings when an ingest of this process has committed. */
  readonly committed: Bell;
  /** Batch paths are relative to it. */
  readonly baseFolder: string;
  /** Told of every change of a job, progress included; for progress bars and metrics. */
  readonly onJob?: (job: MaterializationJob) => void;
}

/** Works on jobs, in the one process that leads. */
export interface RunningMaterializer extends Materializer, AsyncDisposable {
  /**
   * Imports sources that were never imported and fills every online version that is not whole: new ones, ones whose
   * fill was interrupted, ones whose marker the store lost. Call it at the start and after every registry change.
   * Resolves when all is done; a source that fails leaves its views NOT_READY, its job says why, the others go on.
   */
  ensureReady(registry: CompiledRegistry): Promise<readonly MaterializationJob[]>;
  /** Begins with jobs that were asked for in other processes, or left by an earlier one; resolves with their ends. */
  takeUp(): Promise<readonly Promise<MaterializationJob>[]>;
}

/** So long a job may be ahead of what this process knows of the registry. */
const registryLagMillis = 10_000;

export function createMaterializer(given: MaterializerDeps): RunningMaterializer {
  const deps = { ...given, adoptions: given.documents.adoptions, deadLetters: createLetterBox(given.deadLetters) };
  const { states, systemClock } = deps;
  const queue = createJobQueue({ ...deps, onJob: deps.onJob ?? (() => {}) });
  const requests = createMaterializationRequests(deps);
  const imports = createImports(deps);

  async function bringUpAll(views: readonly CompiledView[], progress: JobProgress, again: boolean): Promise<void> {
    for (const view of views) progress.expect(await recordsOf(view));
    for (const view of views) await bringUp(view, progress, again);
  }

  async function bringUp(view: CompiledView, progress: JobProgress, again: boolean): Promise<void> {
    const options = { signal: progress.signal, onRecords: progress.done };
    await states.recheck([view]);
    if (!states.isReady(view)) {
      const token = await states.begin(view);
      const positions = await fillView(deps, view, token, options);
      await handOver(deps, { view, token, positions }, progress);
      await states.finish(view, token, positions);
    } else {
      const before = again ? new Map<string, number>() : states.positions(view);
      await states.advance(view, await addHistory(deps, { view, token: states.token(view), before }, options));
    }
  }

  /** Offsets count from 0, so they bound the number of records from above; close enough for a progress bar. */
  async function recordsOf({ source }: CompiledView): Promise<number> {
    let records = 0;
    for (const offset of (await deps.offline.durablePositions(source)).values()) records += offset + 1;
    return records;
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
    // The job is tried again as long as that may help one of them.
    if (failures.length > 0) throw failures.find(isPassing) ?? failures[0];
  }

  /** All versions of the named views, and of every other view that an import of their sources has given records. */
  const work = (withImport: boolean): JobWork => {
    return async ({ views: names }, progress) => {
      await each(routesOf(deps.registry(), names), progress, async (route) => {
        if (withImport || (await imports.isUnread(route.source))) await imports.read(route.source, progress);
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
    if (await imports.isUnread(source)) return true;
    await states.load(views);
    await states.recheck(views);
    return (await lagging(views)).length > 0;
  }

  const ensureRoute =
    (route: SourceRoute): JobWork =>
    async (_job, progress) => {
      const { source, views } = route;
      if (await imports.isUnread(source)) await imports.read(source, progress);
      await states.load(views);
      await states.recheck(views);
      await bringUpAll(await lagging(views), progress, false);
    };

  const rebuildWork: JobWork = async (job, progress) => {
    const routes = routesOf(deps.registry(), job.views).map((route) => {
      return { ...route, views: route.views.filter(({ name }) => job.views.includes(name)) };
    });
    // All at once: who rebuilds does not trust what is there.
    for (const { views } of routes) if (job.discard !== undefined) await discard(views, job.discard);
    await each(inOrder(routes), progress, (route) => ensureRoute(route)(job, progress));
  };

  async function discard(views: readonly CompiledView[], rebuild: string): Promise<void> {
    await states.load(views);
    for (const view of views) await states.discard(view, rebuild);
  }

  const workOf: Record<MaterializationJob['kind'], JobWork> = {
    BACKFILL: work(false),
    MATERIALIZE: work(true),
    REBUILD: rebuildWork,
  };

  /** What an interrupted automatic job lacks is found missing. */
  async function takeUpNow(): Promise<Promise<MaterializationJob>[]> {
    const finished: Promise<MaterializationJob>[] = [];
    const { views: known } = deps.registry();
    for (const job of await queue.unfinished()) {
      if (job.isAutomatic === true) {
        await queue.cancel(job, 'the process ended; the next fills what is missing');
      } else if (job.views.every((view) => known.has(view))) {
        finished.push(queue.resume(job, workOf[job.kind]));
      } else if (systemClock.nowMillis() - Date.parse(job.createdAt) > registryLagMillis) {
        await queue.cancel(job, `the registry has no view ${job.views.filter((view) => !known.has(view)).join(', ')}`);
      }
    }
    return finished;
  }

  /** One after the other, so that no job is begun twice. */
  let taking: Promise<unknown> = Promise.resolve();
  const takeUp = (): Promise<Promise<MaterializationJob>[]> => {
    const taken = taking.then(takeUpNow);
    taking = taken.catch(() => {});
    return taken;
  };

  const begun = async (asked: Promise<MaterializationJob>): Promise<MaterializationJob> => {
    const job = await asked;
    await takeUp();
    return job;
  };

  return {
    backfill: (views) => begun(requests.backfill(views)),
    materialize: (views) => begun(requests.materialize(views)),
    rebuild: (views, options) => begun(requests.rebuild(views, options)),
    hasHistory: async (source) => !(await imports.isUnread(source)),
    get: async (id) => queue.live(id) ?? (await requests.get(id)),
    list: async (limit) => (await requests.list(limit)).map((job) => queue.live(job.id) ?? job),
    takeUp,
    async ensureReady(registry) {
      const finished = await takeUp();
      for (const route of inOrder(sourceRoutes(registry))) {
        if (!(await isIncomplete(route))) continue;
        const names = [...new Set(route.views.map(({ name }) => name))];
        finished.push(queue.enqueue(names, ensureRoute(route)));
      }
      return await Promise.all(finished);
    },
    [Symbol.asyncDispose]: () => queue.stop(),
  };
}

function routesOf(registry: CompiledRegistry, views: readonly string[]): SourceRoute[] {
  const sources = new Set(views.flatMap((name) => registry.views.get(name) ?? []).map(({ source }) => source.name));
  return sourceRoutes(registry).filter(({ source }) => sources.has(source.name));
}

/**
 * First what needs no ingest process, which may have to be waited for; then rows before events: reference data is there at
 * once, while long histories fill.
 */
function inOrder(routes: readonly SourceRoute[]): SourceRoute[] {
  const rank = ({ source }: SourceRoute): number =>
    (topicOf(source) === null ? 0 : 2) + (source.kind === 'events' ? 1 : 0);
  return [...routes].sort((a, b) => rank(a) - rank(b));
}
