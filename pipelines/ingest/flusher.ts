import type { OfflineStore } from '../../core/ports/offline-store.ts';
import type { Gate } from './gate.ts';
import type { AppliedOffsets, ReachedOffsets } from './offsets.ts';
import type { TopicRoutes } from './routes.ts';

/**
 * Makes what was applied durable offline, and then commits its offsets: a crash replays, and nothing is lost. All but
 * `settled` is to be called inside the gate.
 */
export interface Flusher {
  /** Records that were applied since the last flush began. */
  readonly pending: number;
  add(records: number): void;
  /** Resolves when all is committed. */
  all(routes: TopicRoutes): Promise<void>;
  /** Resolves before that: files are written beside the batches that follow, though no two flushes beside each other. */
  beside(routes: TopicRoutes): Promise<void>;
  /** Resolves when nothing is being written beside; never rejects. */
  settled(): Promise<void>;
}

export interface FlusherDeps {
  readonly offline: Pick<OfflineStore, 'flush'>;
  readonly offsets: Pick<AppliedOffsets, 'reached' | 'commit'>;
  readonly gate: Pick<Gate, 'exclusive'>;
  /** What is committed with the offsets. */
  readonly note: () => string;
  readonly onCommitted?: (() => void) | undefined;
  readonly onError: (error: unknown) => void;
}

export function createFlusher({ offline, offsets, gate, note, onCommitted, onError }: FlusherDeps): Flusher {
  let pending = 0;
  /** What is being written beside. It stays here when it failed, so that batches wait for the next attempt. */
  let writing: Promise<void> | null = null;

  async function write(routes: TopicRoutes): Promise<void> {
    for (const topic of routes.values()) for (const { source } of topic) await offline.flush(source);
  }

  async function commit(reached: ReachedOffsets): Promise<void> {
    await offsets.commit(note(), reached);
    onCommitted?.();
  }

  async function all(routes: TopicRoutes): Promise<void> {
    await write(routes);
    await commit(offsets.reached());
    pending = 0;
    writing = null;
  }

  return {
    get pending() {
      return pending;
    },
    add(records) {
      pending += records;
    },
    all,
    async beside(routes) {
      if (writing !== null) return await all(routes);
      const reached = offsets.reached();
      const records = pending;
      pending = 0;
      const written = write(routes).then(() => gate.exclusive(() => commit(reached)));
      writing = written;
      written.then(
        () => {
          if (writing === written) writing = null;
        },
        (error) => {
          pending += records;
          onError(error);
        },
      );
    },
    async settled() {
      await writing?.catch(() => {});
    },
  };
}
