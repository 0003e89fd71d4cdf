/** The same whenever it is asked for, made when it first is. */
export function onDemand<T>(open: () => T): () => T {
  let opened: { readonly value: T } | null = null;
  return () => {
    opened ??= { value: open() };
    return opened.value;
  };
}

/** The same when it has been opened; asked for again, it is tried again. */
export function onceOpened<T>(open: () => Promise<T>): () => Promise<T> {
  let opening: Promise<T> | null = null;
  return () => {
    opening ??= open().catch((error: unknown) => {
      opening = null;
      throw error;
    });
    return opening;
  };
}
