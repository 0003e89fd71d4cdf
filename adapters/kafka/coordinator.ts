import type { SystemClock } from '../../core/ports/clocks.ts';
import type { Cluster } from './cluster.ts';

/** As whom a group's offsets are committed. */
export interface Committer {
  readonly groupId: string;
  readonly groupGenerationId: number;
  readonly memberId: string;
}

const retries = 50;
const retryMillis = 100;

/** What passes: the group's coordinator is starting, or has just become another broker. */
const passing = new Set(['NOT_COORDINATOR_FOR_GROUP', 'GROUP_LOAD_IN_PROGRESS', 'GROUP_COORDINATOR_NOT_AVAILABLE']);

/** Asks a group's coordinator again while it is not there yet. */
export async function whenCoordinated<T>(systemClock: SystemClock, ask: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      const isPassing = error instanceof Error && 'type' in error && passing.has(String(error.type));
      if (!isPassing || attempt === retries) throw error;
      await systemClock.sleep(retryMillis);
    }
  }
}

export interface Commit {
  readonly offsets: ReadonlyMap<number, number>;
  readonly note: string | undefined;
}

/** Stores the next offsets to deliver; rejects with Kafka's error when the broker refuses this committer. */
export async function commitAs(
  { cluster, systemClock }: { readonly cluster: Cluster; readonly systemClock: SystemClock },
  committer: Committer,
  topic: string,
  { offsets, note }: Commit,
): Promise<void> {
  if (offsets.size === 0) return;
  const partitions = [...offsets].map(([partition, offset]) => ({
    partition,
    offset: String(offset),
    metadata: note ?? null,
  }));
  await whenCoordinated(systemClock, async () => {
    const coordinator = await cluster.findGroupCoordinator(committer);
    await coordinator.offsetCommit({ ...committer, topics: [{ topic, partitions }] });
  });
}
