/** A signal that aborts with the first of others; dispose it when nobody waits for it any more. */
export interface LinkedSignal extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * For work that ends before what may abort it does. `AbortSignal.any` is for what lives as long as its sources: on Node 20
 * each of them keeps a trace of every signal that was made of it, for ever.
 */
export function linkSignals(...sources: readonly AbortSignal[]): LinkedSignal {
  const linked = new AbortController();
  const release = (): void => {
    for (const source of sources) source.removeEventListener('abort', abort);
  };
  const abort = ({ target }: Event): void => {
    release();
    linked.abort((target as AbortSignal).reason);
  };
  const over = sources.find(({ aborted }) => aborted);
  if (over !== undefined) linked.abort(over.reason);
  else for (const source of sources) source.addEventListener('abort', abort, { once: true });
  return { signal: linked.signal, [Symbol.dispose]: release };
}
