/**
 * A value that comes with others: whoever knows this reads all of them when the batch has come, with one promise for all;
 * for everybody else it is a promise like any other.
 */
export interface Batched<T> extends PromiseLike<T> {
  readonly batch: Promise<unknown>;
  /** The value, of what `batch` gave; throws why there is none. */
  take(given: unknown): T;
  /** What is made of the value, batched with it. */
  map<U>(make: (value: T) => U): Batched<U>;
}

export function batched<T, G>(batch: Promise<G>, take: (given: G) => T): Batched<T> {
  return new BatchedValue(batch, take);
}

export function isBatched(value: object): value is Batched<unknown> {
  return value instanceof BatchedValue;
}

/** What `await` calls, and whoever else does not know of batches. */
const awaited = 'then';

class BatchedValue<T, G> implements Batched<T> {
  readonly batch: Promise<G>;
  readonly take: (given: G) => T;

  constructor(batch: Promise<G>, take: (given: G) => T) {
    this.batch = batch;
    this.take = take;
  }

  map<U>(make: (value: T) => U): Batched<U> {
    return new BatchedValue(this.batch, (given: G) => make(this.take(given)));
  }

  [awaited]<A = T, B = never>(
    onValue?: ((value: T) => A | PromiseLike<A>) | null,
    onError?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.batch.then(this.take).then(onValue, onError);
  }
}
