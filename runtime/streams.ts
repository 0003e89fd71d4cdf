/** Takes a value; a promise = it takes no more before that has resolved. */
export type Take<T> = (value: T) => Promise<unknown> | null;

/** What can be asked for each value, and may also hand them over by itself: that takes no promise for each. */
export interface HandingOver<T> {
  /**
   * Hands `take` each value as it comes; to be called once, instead of `next`. Resolves when there are no more; rejects as
   * `next` would, and where `take` fails.
   */
  handOver?(take: Take<T>): Promise<void>;
}

/** A stream that ends its source when `return` is called, even while somebody waits for its next value. */
export type Stream<T> = AsyncGenerator<T, void, undefined> & HandingOver<T>;

/**
 * Each value of `source` through `map`, ended by `return` even while it waits for the next: an `async function*`
 * parked on `await` cannot be cancelled, and its listener would leak after the client left.
 */
export function mapStream<A, B>(
  source: AsyncIterator<A, unknown, undefined> & HandingOver<A>,
  map: (value: A) => Promise<B> | B,
  onEnd: () => void = () => {},
): Stream<B> {
  let ended = false;
  const end = () => {
    if (ended) return;
    ended = true;
    onEnd();
  };
  const handOver = async (take: Take<B>): Promise<void> => {
    try {
      await source.handOver?.((value) => {
        const mapped = map(value);
        return mapped instanceof Promise ? mapped.then(take) : take(mapped);
      });
    } catch (error) {
      end();
      await source.return?.();
      throw error;
    }
    end();
  };
  return asGenerator<B>({
    ...(source.handOver === undefined ? {} : { handOver }),
    async next() {
      if (ended) return { done: true, value: undefined };
      try {
        const step = await source.next();
        if (step.done !== true) return { done: false, value: await map(step.value) };
      } catch (error) {
        end();
        await source.return?.();
        throw error;
      }
      end();
      return { done: true, value: undefined };
    },
    async return() {
      end();
      await source.return?.();
      return { done: true, value: undefined };
    },
  });
}

/** What `push` delivers, in order, to one reader. */
export interface PushStream<T> {
  readonly values: AsyncGenerator<T, void, undefined>;
  /** False when it was ended: nobody will read this. */
  push(value: T): boolean;
  /** Ends the reader after what is queued. */
  end(): void;
}

/**
 * A queue between a source that calls back and one reader. `enqueue` puts a value that nobody waits for into the
 * queue, and bounds it: by merging with what is there, or by saying in the queue how much it leaves out.
 */
export function createPushStream<T>(options: {
  readonly enqueue: (queue: T[], value: T) => void;
  /** Once, when the reader leaves or the source ends. */
  readonly onEnd: () => void;
}): PushStream<T> {
  const queue: T[] = [];
  const waiting: ((step: IteratorResult<T, void>) => void)[] = [];
  let state: 'open' | 'draining' | 'closed' = 'open';
  const close = () => {
    if (state === 'closed') return;
    state = 'closed';
    queue.length = 0;
    for (const resolve of waiting.splice(0)) resolve({ done: true, value: undefined });
    options.onEnd();
  };
  return {
    push(value) {
      if (state !== 'open') return false;
      const reader = waiting.shift();
      if (reader === undefined) options.enqueue(queue, value);
      else reader({ done: false, value });
      return true;
    },
    end() {
      if (state !== 'open') return;
      state = 'draining';
      if (queue.length === 0) close();
    },
    values: asGenerator<T>({
      next() {
        if (queue.length > 0) return Promise.resolve({ done: false, value: queue.shift() as T });
        if (state === 'open') return new Promise((resolve) => waiting.push(resolve));
        close();
        return Promise.resolve({ done: true, value: undefined });
      },
      async return() {
        close();
        return { done: true, value: undefined };
      },
    }),
  };
}

/** A generator that can be ended while it waits. */
export function asGenerator<T>(
  steps: HandingOver<T> & {
    next(): Promise<IteratorResult<T, void>>;
    return(): Promise<IteratorResult<T, void>>;
  },
): Stream<T> {
  const generator: Stream<T> = {
    ...(steps.handOver === undefined ? {} : { handOver: steps.handOver }),
    next: () => steps.next(),
    return: () => steps.return(),
    async throw(error) {
      await steps.return();
      throw error;
    },
    [Symbol.asyncIterator]: () => generator,
    [Symbol.asyncDispose]: async () => {
      await steps.return();
    },
  };
  return generator;
}
