import { allAnswered } from '../../core/online/answers.ts';
import { progressKey } from '../../core/online/keys.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { EventLog } from '../../core/ports/event-log.ts';
import type { IngestProgress, PartitionProgress } from '../../core/ports/ingest-progress.ts';
import type { OnlineStore } from '../../core/ports/online-store.ts';
import { type Ingest, ingestGroup } from './ingest.ts';

type Applying = Pick<Ingest, 'nextOffsets' | 'statistics'>;

/** The progress of the ingest in this process; of its own partitions only. */
export function progressOf(ingest: Applying & Pick<Ingest, 'owns'>): IngestProgress {
  return {
    async of(topic, partitions) {
      const own = partitions.filter((partition) => ingest.owns(topic, partition));
      return ownProgress(ingest, topic, own);
    },
  };
}

function ownProgress(
  { nextOffsets, statistics }: Applying,
  topic: string,
  partitions: readonly number[],
): ReadonlyMap<number, PartitionProgress> {
  const next = nextOffsets(topic);
  const times = Object.fromEntries(
    [...statistics.sources].map(([source, { eventTimeLagMillis, pipelineLatencyMillis }]) => [
      source,
      { eventTimeLagMillis, pipelineLatencyMillis },
    ]),
  );
  return new Map(partitions.map((partition) => [partition, { next: next.get(partition) ?? 0, times }]));
}

export interface PublishProgressDeps {
  readonly ingest: Applying & Pick<Ingest, 'assigned'>;
  readonly topics: () => Iterable<string>;
  readonly store: Pick<OnlineStore, 'shards' | 'put'>;
  readonly systemClock: Pick<SystemClock, 'sleep'>;
  readonly onError: (error: unknown) => void;
}

/** Between two looks at what there is to publish. */
const publishMillis = 1_000;

/** Has other processes know how far this one's ingest is, through the online store; ends when it is closed. */
export function publishProgress({ ingest, topics, store, systemClock, onError }: PublishProgressDeps): AsyncDisposable {
  const stopping = new AbortController();
  const { signal } = stopping;
  /** What was put last, by key. */
  const published = new Map<string, string>();

  async function publish(): Promise<void> {
    const current = new Map<string, string>();
    for (const topic of topics()) {
      // Only what was given to this process: before, it knows no more than what was committed.
      for (const [partition, one] of ownProgress(ingest, topic, ingest.assigned(topic))) {
        current.set(progressKey(topic, partition, store.shards), JSON.stringify(one));
      }
    }
    // What is another's by now is put again when it comes back, whatever was said before.
    for (const key of published.keys()) if (!current.has(key)) published.delete(key);
    const changed = [...current].filter(([key, text]) => published.get(key) !== text);
    await Promise.all(changed.map(([key, text]) => store.put(key, Buffer.from(text))));
    for (const [key, text] of changed) published.set(key, text);
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      await publish().catch(onError);
      await systemClock.sleep(publishMillis, signal).catch(() => {});
    }
  }

  const running = run();
  return {
    [Symbol.asyncDispose]: async () => {
      stopping.abort(new Error('ingest is stopping'));
      await running;
    },
  };
}

/**
 * The progress of all ingest processes, as they published it. Where one did not, because it never ran on this store or
 * the store lost it, what the group committed stands in.
 */
export function publishedProgress({
  store,
  log,
}: {
  readonly store: Pick<OnlineStore, 'shards' | 'getMany'>;
  readonly log: Pick<EventLog, 'committed'>;
}): IngestProgress {
  return {
    async of(topic, partitions) {
      const keys = partitions.map((partition) => progressKey(topic, partition, store.shards));
      const published = keys.length === 0 ? [] : allAnswered(await store.getMany(keys));
      const committed = await log.committed(ingestGroup, topic);
      return new Map(
        partitions.map((partition, index): [number, PartitionProgress] => {
          const { next, times } = parsed(published[index] ?? null);
          return [partition, { next: Math.max(next, committed.get(partition)?.offset ?? 0), times }];
        }),
      );
    },
  };
}

function parsed(bytes: Uint8Array | null): PartitionProgress {
  return bytes === null ? { next: 0, times: {} } : (JSON.parse(Buffer.from(bytes).toString()) as PartitionProgress);
}
