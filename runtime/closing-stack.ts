/** What was opened, closed in the reverse order. (Node 20 lacks AsyncDisposableStack.) */
export interface ClosingStack extends AsyncDisposable {
  /** Takes over closing `resource`, and returns it. */
  use<T extends AsyncDisposable>(resource: T): T;
  /** Runs `close` in its turn. */
  defer(close: () => void | Promise<void>): void;
}

/** Closes everything even when something fails to; rejects then with what failed first. */
export function createClosingStack(): ClosingStack {
  const closers: (() => void | PromiseLike<void>)[] = [];
  return {
    use(resource) {
      closers.push(() => resource[Symbol.asyncDispose]());
      return resource;
    },
    defer(close) {
      closers.push(close);
    },
    async [Symbol.asyncDispose]() {
      const failures: unknown[] = [];
      for (const close of closers.splice(0).reverse()) {
        try {
          await close();
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}
