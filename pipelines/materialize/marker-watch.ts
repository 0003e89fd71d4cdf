import type { CompiledView } from '../../core/definitions/compiled.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { ViewStates } from './view-states.ts';

/** How often to look; a read finds out by itself, so this decides only when refilling begins. */
const pauseMillis = 2_000;

export interface MarkerWatchDeps {
  readonly views: () => readonly CompiledView[];
  readonly states: Pick<ViewStates, 'recheck'>;
  readonly systemClock: Pick<SystemClock, 'sleep'>;
  /** Told of views of which the online store lost a part; the next look comes when it is done. */
  readonly onLost: (views: readonly CompiledView[]) => Promise<unknown>;
  readonly onError: (error: unknown) => void;
}

/** Looks again and again whether the online store still has what it was filled with. */
export function watchMarkers({ views, states, systemClock, onLost, onError }: MarkerWatchDeps): AsyncDisposable {
  const stopping = new AbortController();
  const { signal } = stopping;
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      await systemClock.sleep(pauseMillis, signal).catch(() => undefined);
      if (signal.aborted) return;
      try {
        const lost = await states.recheck(views());
        if (lost.length > 0) await onLost(lost);
      } catch (error) {
        // A store that is away says so to whoever reads; whether it lost anything shows when it is back.
        if (!(error instanceof AsofError && error.code === 'UNAVAILABLE')) onError(error);
      }
    }
  };
  const running = run();
  return {
    [Symbol.asyncDispose]: async () => {
      stopping.abort(new Error('nobody watches any more'));
      await running;
    },
  };
}
