import type { CompiledView } from '../../core/definitions/compiled.ts';
import { readyKey } from '../../core/online/keys.ts';
import { unreadyShards } from '../../core/online/ready.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { OnlineStore } from '../../core/ports/online-store.ts';

export interface ReadyViews extends AsyncDisposable {
  /** As of the last look; false before the first. */
  isReady(view: CompiledView): boolean;
}

/** Between two looks. */
const lookMillis = 2_000;

/** Looks again and again which view versions have their history, whoever fills them. */
export function watchReadyViews(deps: {
  readonly views: () => readonly CompiledView[];
  readonly store: Pick<OnlineStore, 'shards' | 'getMany'>;
  readonly systemClock: Pick<SystemClock, 'sleep'>;
}): ReadyViews {
  const { views, store, systemClock } = deps;
  const stopping = new AbortController();
  const { signal } = stopping;
  let ready: ReadonlySet<string> = new Set();
  const idOf = (view: CompiledView): string => readyKey(view, '');

  async function look(): Promise<void> {
    const current = views();
    const unready = await unreadyShards(store, current);
    ready = new Set(current.filter((_, index) => unready[index]!.length === 0).map(idOf));
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      // A store that is away says so to whoever reads.
      await look().catch(() => {});
      await systemClock.sleep(lookMillis, signal).catch(() => {});
    }
  }

  const running = run();
  return {
    isReady: (view) => ready.has(idOf(view)),
    [Symbol.asyncDispose]: async () => {
      stopping.abort(new Error('nobody asks any more'));
      await running;
    },
  };
}
