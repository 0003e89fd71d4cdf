import type { SystemClock } from '../../core/ports/clocks.ts';
import type { SqlClient } from './sql-client.ts';

export interface Polling {
  readonly clock: SystemClock;
  readonly everyMillis: number;
}

export interface RevisionWatch {
  readonly channel: string;
  /** Notes what this process has read: a watcher added from now on is told of newer ones only. */
  noteRead(revision: number): void;
  /** Returns the stop. */
  add(onRevision: (revision: number) => void): () => void;
  stop(): Promise<void>;
}

const longestBackoffMillis = 15_000;

interface Watcher {
  told: number;
  readonly onRevision: (revision: number) => void;
}

/**
 * Tells watchers of each newer revision: by notification, and by a look at the revision now and then for the times when
 * the listening connection was lost. Nothing runs before the first watcher.
 */
export function watchRevision(
  client: SqlClient,
  polling: Polling | null,
  readRevision: () => Promise<number>,
): RevisionWatch {
  const channel = 'asof_registry';
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
  const look = async (): Promise<void> => tell(await readRevision());
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
    if (listening !== null || clock.nowMillis() < listenAgainAt) return;
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
      // While the server is away, whoever uses the registry is told so; watching goes on when it is back.
      await look().catch(() => {});
      await polling.clock.sleep(polling.everyMillis, stopping.signal).catch(() => {});
    }
  };

  return {
    channel,
    noteRead: (revision) => {
      newestRead = Math.max(newestRead, revision);
    },
    add: (onRevision) => {
      const watcher: Watcher = { told: newestRead, onRevision };
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
