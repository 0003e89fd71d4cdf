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
  let running: Promise<void> | null = null;

  const tell = (revision: number): void => {
    for (const watcher of [...watchers]) {
      if (revision <= watcher.told) continue;
      watcher.told = revision;
      watcher.onRevision(revision);
    }
  };
  const forget = (): void => {
    listening = null;
  };
  const listenAndLook = async (): Promise<void> => {
    listening ??= client.listen(channel, (payload) => tell(Number(payload)), forget);
    await listening;
    tell(await readRevision());
  };
  const run = async (): Promise<void> => {
    do {
      // While the server is away, whoever uses the registry is told so; watching goes on when it is back.
      await listenAndLook().catch(forget);
      await polling?.clock.sleep(polling.everyMillis, stopping.signal).catch(() => {});
    } while (polling !== null && !stopping.signal.aborted);
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
      else readRevision().then(tell, () => {});
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
