import { AsofError } from '../../core/errors/asof-error.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import { linkSignals } from '../../core/time/linked-signal.ts';
import type { Opened } from './open.ts';
import { runOutOfPatience } from './patience.ts';
import type { RedisArguments, RedisClient } from './redis-client.ts';
import { asofErrorOf, isUnanswered } from './redis-error.ts';

export interface LiveLinkDeps {
  readonly connect: () => Promise<Opened>;
  /** Whose server is asked. */
  readonly key: string;
  readonly clock: SystemClock;
  readonly closing: AbortSignal;
}

/**
 * A connection to the server that has a key, made when it is first needed and made anew after it failed: unlike the
 * connections of the online store it is never repaired under way, so that nothing is repeated behind the caller's back.
 */
export interface LiveLink {
  /** One command; UNAVAILABLE when there is no reply in so many milliseconds. */
  ask(name: string, args: RedisArguments, millis: number): Promise<unknown>;
  close(): void;
}

export function createLiveLink({ connect, key, clock, closing }: LiveLinkDeps): LiveLink {
  let connection: Promise<Opened> | null = null;

  const drop = (failed: Promise<Opened>): void => {
    if (connection === failed) connection = null;
    failed.then(
      ({ cut }) => cut(),
      () => {},
    );
  };

  async function within<T>(millis: number, work: Promise<T>): Promise<T> {
    const done = new AbortController();
    using ended = linkSignals(done.signal, closing);
    const late = runOutOfPatience(clock, millis, ended.signal).then(
      () => {
        throw new AsofError('UNAVAILABLE', 'Redis does not answer', {
          path: `redis ${key}`,
          got: `no reply in ${millis} ms`,
        });
      },
      () => {
        if (closing.aborted) throw closing.reason;
        return new Promise<never>(() => {});
      },
    );
    try {
      return await Promise.race([work, late]);
    } finally {
      done.abort();
    }
  }

  return {
    async ask(name, args, millis) {
      closing.throwIfAborted();
      const used = connection ?? connect();
      connection = used;
      const work = used.then(({ servers }) => clientOf(servers.serverOf(key)).callBuffer(name, args));
      work.catch(() => {});
      try {
        return await within(millis, work);
      } catch (cause) {
        const error = cause instanceof Error ? cause : new Error(String(cause));
        if (error instanceof AsofError || isUnanswered(error)) drop(used);
        throw error.message.startsWith('NOSCRIPT') ? error : asofErrorOf(key, error);
      }
    },
    close() {
      if (connection !== null) drop(connection);
    },
  };
}

function clientOf({ name, client }: { readonly name: string; readonly client: RedisClient | null }): RedisClient {
  if (client !== null) return client;
  throw new AsofError('UNAVAILABLE', 'Redis does not answer', { path: `redis ${name}`, got: 'no connection' });
}
