import type { CompiledView } from '../../core/definitions/compiled.ts';
import { unreadyShards } from '../../core/online/ready.ts';
import type { MaterializationJob, Materializer } from '../../core/ports/materializer.ts';
import type { OnlineStore } from '../../core/ports/online-store.ts';
import { createBell } from '../bell.ts';
import { createLetterBox } from '../ingest/letters.ts';
import { onlineVersions } from '../ingest/routes.ts';
import { createImports } from './imports.ts';
import { watchMarkers } from './marker-watch.ts';
import { createMaterializer, type MaterializerDeps, type RunningMaterializer } from './materializer.ts';
import { createMaterializationRequests } from './requests.ts';
import { createViewStates, type ViewStates, type ViewStatesDeps } from './view-states.ts';

export interface LeadingDeps extends Omit<MaterializerDeps, 'states' | 'online'> {
  readonly online: OnlineStore;
  /** RFC 3339 UTC. */
  readonly now: ViewStatesDeps['now'];
  /** Told of views of which the online store has lost a part; false = they are not filled again by themselves. */
  readonly onLost: (views: readonly CompiledView[]) => boolean;
  /** A failure that is tried again. */
  readonly onError: (error: unknown) => void;
}

/** A materializer in each of several processes, of which one at a time works; all can be asked. */
export interface LedMaterializer extends Materializer, AsyncDisposable {
  /** Begins to work as soon as no other process does. */
  start(): void;
  /** Fills what the change has made incomplete. */
  registryChanged(): void;
  /** As far as this process knows: at once when it works itself, else after seconds. */
  isReady(view: CompiledView): boolean;
  /** Resolves when every view has its history, with the jobs that this process did for it. */
  readonly filled: Promise<readonly MaterializationJob[]>;
}

/** How often to look for jobs that other processes ask for, and, in those, for what has become ready. */
const lookMillis = 500;
const followMillis = 2_000;
const longestPauseMillis = 60_000;

export function createLedMaterializer(deps: LeadingDeps): LedMaterializer {
  const { registry, documents, systemClock, onError } = deps;
  const stopping = new AbortController();
  const asked = createBell();
  const requests = createMaterializationRequests(deps);
  const imports = createImports({ ...deps, deadLetters: createLetterBox(deps.deadLetters) });
  const views = (): readonly CompiledView[] => onlineVersions(registry());
  /** What another process has made ready, by its markers. */
  let marked: ReadonlySet<string> = new Set();
  let states: ViewStates | null = null;
  let working: RunningMaterializer | null = null;
  let hasChanged = true;
  let running: Promise<unknown> = Promise.resolve();
  let tellFilled: (jobs: readonly MaterializationJob[]) => void = () => {};
  const filled = new Promise<readonly MaterializationJob[]>((resolve) => {
    tellFilled = resolve;
  });

  /** Until it could be found out what is missing, and that was done as far as it can be. */
  async function fill(materializer: RunningMaterializer, signal: AbortSignal): Promise<readonly MaterializationJob[]> {
    for (let pause = followMillis; ; pause = Math.min(2 * pause, longestPauseMillis)) {
      try {
        return await materializer.ensureReady(registry());
      } catch (error) {
        if (signal.aborted) return [];
        onError(error);
        await systemClock.sleep(pause, signal).catch(() => {});
      }
    }
  }

  /** What is known of another process's work is of no use for this: all is looked at anew. */
  async function lead(signal: AbortSignal): Promise<void> {
    const own = createViewStates(deps);
    const materializer = createMaterializer({ ...deps, states: own });
    states = own;
    working = materializer;
    const refill = async (lost: readonly CompiledView[]): Promise<boolean> => {
      if (!deps.onLost(lost)) return true;
      return (await fill(materializer, signal)).every(({ state }) => state === 'SUCCEEDED');
    };
    const watch = watchMarkers({ views, states: own, systemClock, refill, onError });
    hasChanged = true;
    const fills = new Set<Promise<void>>();
    const within = { clock: systemClock, millis: lookMillis };
    while (!signal.aborted) {
      if (hasChanged) {
        hasChanged = false;
        const one = fill(materializer, signal).then((jobs) => {
          if (!signal.aborted) tellFilled(jobs);
        });
        fills.add(one);
        one.finally(() => fills.delete(one));
      }
      await materializer.takeUp().catch(onError);
      await asked.heard(signal, within);
    }
    working = null;
    states = null;
    await materializer[Symbol.asyncDispose]();
    await watch[Symbol.asyncDispose]();
    await Promise.all(fills);
  }

  async function follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (working === null) {
        try {
          const current = views();
          const unready = await unreadyShards(deps.online, current);
          marked = new Set(current.filter((_, index) => unready[index]!.length === 0).map(idOf));
          if (marked.size === current.length) tellFilled([]);
        } catch {
          // Who uses what is away is told so.
        }
      }
      await systemClock.sleep(followMillis, signal).catch(() => {});
    }
  }

  const begun = async (job: Promise<MaterializationJob>): Promise<MaterializationJob> => {
    const asking = await job;
    asked.ring();
    return asking;
  };

  return {
    filled,
    start() {
      const { signal } = stopping;
      running = Promise.all([documents.lead(lead, signal), follow(signal)]);
      running.catch(onError);
    },
    registryChanged() {
      hasChanged = true;
      asked.ring();
    },
    isReady: (view) => states?.isReady(view) ?? marked.has(idOf(view)),
    backfill: (names) => begun(requests.backfill(names)),
    materialize: (names) => begun(requests.materialize(names)),
    rebuild: (names, options) => begun(requests.rebuild(names, options)),
    hasHistory: async (source) => !(await imports.isUnread(source)),
    get: (id) => (working ?? requests).get(id),
    list: (limit) => (working ?? requests).list(limit),
    [Symbol.asyncDispose]: async () => {
      stopping.abort(new Error('the materializer is stopping'));
      await running.catch(() => {});
    },
  };
}

function idOf({ name, version }: CompiledView): string {
  return `${name}@${version}`;
}
