import type { SystemClock } from '../../core/ports/clocks.ts';
import { remainingMillis } from '../../core/time/remaining.ts';
import type { SqlClient } from './sql-client.ts';

export interface Polling {
  readonly clock: SystemClock;
  readonly everyMillis: number;
}

export interface RevisionWatch {
  /** Notes what this process has read: a watcher added from now on is told of newer ones only. */
  noteRead(revision: number): void;
  /** Returns the stop. `onContact` hears what looks fail with when that begins, and null when they succeed again. */
  add(onRevision: (revision: number) => void, onContact?: (lost: unknown) => void): () => void;
  stop(): Promise<void>;
}

const longestBackoffMillis = 15_000;

interface Watcher {
  told: number;
  readonly onRevision: (revision: number) => void;
  isLost: boolean;
  readonly onContact: (lost: unknown) => void;
}

/** A number that only grows, and whose growth is notified on a channel of the database. */
export interface Growing {
  readonly channel: string;
  read(): Promise<number>;
}

/**
 * Tells watchers of each newer revision: by notification, and by a look at the revision now and then for the times when
 * the listening connection was lost. Nothing runs before the first watcher.
 */
export function watchRevision(client: SqlClient, polling: Polling | null, { channel, read }: Growing): RevisionWatch {
  const watchers = new Set<Watcher>();
  const stopping = new AbortController();
  let newestRead = 0;
  let listening: Promise<() => Promise<void>> | null = null;
  let failures = 0;
  let listenAgainAt = 0;
  let running: Promise<void> | null = null;

  const tell = (revision: number): void => {
    for (const watcher of [...watchers]) {
      if (revision <= watcher.told) continue;
      watcher.told = revision;
      watcher.onRevision(revision);
    }
  };
  const tellContact = (lost: unknown): void => {
    for (const watcher of [...watchers]) {
      if (watcher.isLost === (lost !== null)) continue;
      watcher.isLost = lost !== null;
      watcher.onContact(lost);
    }
  };
  const look = async (): Promise<void> => tell(await read());
  // Anybody in the database may notify: the payload is not believed.
  const hear = (): void => void look().catch(() => {});
  const listen = async (): Promise<void> => {
    const lost = (): void => {
      if (listening === mine) listening = null;
    };
    const mine = client.listen(channel, hear, () => lost());
    listening = mine;
    await mine.catch((error) => {
      lost();
      throw error;
    });
    hear();
  };
  /** Beside the looks, which a server that does not let us listen must not hold up. */
  const tryToListen = ({ clock, everyMillis }: Polling): void => {
    if (listening !== null || remainingMillis(listenAgainAt, clock.nowMillis(), longestBackoffMillis) > 0) return;
    listen().then(
      () => {
        failures = 0;
      },
      () => {
        listenAgainAt = clock.nowMillis() + Math.min(everyMillis * 2 ** failures++, longestBackoffMillis);
      },
    );
  };
  const run = async (): Promise<void> => {
    if (polling === null) return await listen();
    while (!stopping.signal.aborted) {
      tryToListen(polling);
      // Watching goes on when the server is back.
      await look().then(() => tellContact(null), tellContact);
      await polling.clock.sleep(polling.everyMillis, stopping.signal).catch(() => {});
    }
  };

  return {
    noteRead: (revision) => {
      newestRead = Math.max(newestRead, revision);
    },
    add: (onRevision, onContact = () => {}) => {
      const watcher: Watcher = { told: newestRead, onRevision, isLost: false, onContact };
      watchers.add(watcher);
      // A later watcher may have missed what the first was told of; the look finds it.
      if (running === null) running = run();
      else hear();
      return () => {
        watchers.delete(watcher);
      };
    },
    stop: async () => {
      watchers.clear();
      stopping.abort();
      await running;
      const unlisten = await listening?.catch(() => null);
      await unlisten?.();
    },
  };
}
