import type { CompiledRegistry } from '../core/definitions/registry-view.ts';
import type { RegistrySnapshot, RegistryStore } from '../core/ports/registry-store.ts';
import type { OpenUserFunctions } from '../core/ports/user-functions.ts';
import { compileRegistry } from '../core/registry/compile.ts';
import { engineFor } from '../core/registry/engine-for.ts';

/** One revision as it is stored and as it is served. */
export interface RegistryState {
  readonly snapshot: RegistrySnapshot;
  readonly compiled: CompiledRegistry;
}

/** The newest revision, compiled once for everything in this process. */
export interface RegistryWatcher extends AsyncDisposable {
  current(): RegistryState;
  /** Looks at the store now; resolves with what is current then, after its listeners heard of it. */
  refresh(): Promise<RegistryState>;
  /** Calls back with each newer revision; returns the stop. */
  onChange(listener: (state: RegistryState) => void): () => void;
}

/**
 * Loads the registry and follows it. A revision that does not compile (written by another release) is told to
 * `onError` and skipped: what was current stays so.
 */
export async function createRegistryWatcher(deps: {
  readonly store: Pick<RegistryStore, 'load' | 'watch'>;
  /** Absent: no user's function is registered. */
  readonly openFunctions?: OpenUserFunctions;
  readonly onError: (error: unknown) => void;
  /** Hears why the store does not answer when that begins, what was current stays so; null when it answers again. */
  readonly onContact?: (lost: unknown) => void;
}): Promise<RegistryWatcher> {
  const { store, onError } = deps;
  const compiled = async (snapshot: RegistrySnapshot): Promise<RegistryState> => {
    return { snapshot, compiled: compileRegistry(snapshot, await engineFor(deps.openFunctions, snapshot)) };
  };
  const listeners = new Set<(state: RegistryState) => void>();
  let state = await compiled(await store.load());
  let running: Promise<void> = Promise.resolve();
  let waiting: Promise<void> | null = null;

  async function take(): Promise<void> {
    const snapshot = await store.load();
    if (snapshot.revision <= state.snapshot.revision) return;
    state = await compiled(snapshot);
    for (const listener of [...listeners]) listener(state);
  }

  /** One look follows the one under way; whoever asks meanwhile shares it. */
  function look(): Promise<void> {
    waiting ??= running
      .catch(() => {})
      .then(() => {
        waiting = null;
        running = take();
        return running;
      });
    return waiting;
  }

  const hear = (revision: number): void => {
    if (revision > state.snapshot.revision) look().catch(onError);
  };
  const stop = store.watch(hear, deps.onContact);
  return {
    current: () => state,
    async refresh() {
      await look();
      return state;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async [Symbol.asyncDispose]() {
      stop();
      listeners.clear();
      await running.catch(() => {});
    },
  };
}
