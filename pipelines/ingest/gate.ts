/** Lets one piece of work through at a time, in order of arrival; batches wait while it is paused. */
export interface Gate {
  /** Runs alone, paused or not. */
  exclusive<T>(work: () => Promise<T>): Promise<T>;
  /** Runs alone, and not before `resume` when paused. Rejects with the signal's reason when it aborts meanwhile. */
  batch<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>;
  /** Resolves when what is running has ended; later batches wait. */
  pause(): Promise<void>;
  resume(): void;
  readonly paused: boolean;
}

export function createGate(): Gate {
  let tail: Promise<unknown> = Promise.resolve();
  let open: Promise<void> | null = null;
  let letThrough: () => void = () => {};

  const exclusive = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = tail.then(work);
    tail = turn.catch(() => {});
    return turn;
  };

  return {
    exclusive,
    async batch(work, signal) {
      for (;;) {
        if (open !== null) await untilOpen(open, signal);
        signal.throwIfAborted();
        const outcome = await exclusive(async () => (open === null ? { value: await work() } : null));
        if (outcome !== null) return outcome.value;
      }
    },
    async pause() {
      if (open === null) {
        open = new Promise((resolve) => {
          letThrough = resolve;
        });
      }
      await tail;
    },
    resume() {
      open = null;
      letThrough();
    },
    get paused() {
      return open !== null;
    },
  };
}

function untilOpen(open: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    open.then(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
  });
}
