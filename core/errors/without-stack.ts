/**
 * An error that tells a client something, as thousands do in a second when a process or a store has too much to do: where in the
 * code it was made nobody asks, and finding out takes longer than the answer to a query.
 */
export function withoutStack<T>(make: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
