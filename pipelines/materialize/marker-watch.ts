import type { CompiledView } from '../../core/definitions/compiled.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { ViewStates } from './view-states.ts';

/** How often to look; a read finds out by itself, so this decides only when refilling begins. */
const pauseMillis = 2_000;
/** The longest pause between tries to refill what could not be. */
const longestPauseMillis = 60_000;

export interface MarkerWatchDeps {
  readonly views: () => readonly CompiledView[];
  readonly states: Pick<ViewStates, 'recheck'>;
  readonly systemClock: Pick<SystemClock, 'sleep'>;
  /** Fills views of which the online store lost a part; false = not all of it succeeded, and is tried again. */
  readonly refill: (views: readonly CompiledView[]) => Promise<boolean>;
  readonly onError: (error: unknown) => void;
}

/** Looks again and again whether the online store still has what it was filled with. */
export function watchMarkers({ views, states, systemClock, refill, onError }: MarkerWatchDeps): AsyncDisposable {
  const stopping = new AbortController();
  const { signal } = stopping;
  const run = async (): Promise<void> => {
    let lost: readonly CompiledView[] = [];
    let pause = pauseMillis;
    while (!signal.aborted) {
      await systemClock.sleep(pause, signal).catch(() => undefined);
      if (signal.aborted) return;
      try {
        lost = [...lost, ...(await states.recheck(views()))];
        if (lost.length === 0) continue;
        const isDone = await refill(lost);
        if (isDone) lost = [];
        pause = isDone ? pauseMillis : Math.min(2 * pause, longestPauseMillis);
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
