import type { EventLog } from '../../core/ports/event-log.ts';

/** The next offset to apply, per topic and partition. */
export interface AppliedOffsets {
  /** Reads where the group stands in topics not seen before. */
  load(topics: Iterable<string>): Promise<void>;
  /** Takes over these partitions, and no others, from where the group stands. null = who has which is not known. */
  assign(partitions: ReadonlyMap<string, readonly number[]> | null): Promise<void>;
  /** Whether the partition is this process's to apply; true as long as nobody has said otherwise. */
  owns(topic: string, partition: number): boolean;
  next(topic: string): ReadonlyMap<number, number>;
  advance(topic: string, partition: number, next: number): void;
  /** Commits what was advanced since the last commit. */
  commit(): Promise<void>;
  /** Until partitions are assigned again there is nothing to commit: others may have them. */
  suspend(): void;
}

export function createAppliedOffsets(log: EventLog, group: string): AppliedOffsets {
  const byTopic = new Map<string, Map<number, number>>();
  const uncommitted = new Set<string>();
  let assigned: ReadonlyMap<string, ReadonlySet<number>> | null = null;
  let isMember = false;

  const owns = (topic: string, partition: number): boolean =>
    assigned === null || assigned.get(topic)?.has(partition) === true;
  const ofTopic = (topic: string): Map<number, number> => {
    const offsets = byTopic.get(topic) ?? new Map<number, number>();
    byTopic.set(topic, offsets);
    return offsets;
  };

  return {
    async load(topics) {
      for (const topic of topics) {
        if (!byTopic.has(topic)) byTopic.set(topic, new Map(await log.committed(group, topic)));
      }
    },
    async assign(partitions) {
      if (partitions === null) {
        assigned = null;
        return;
      }
      for (const [topic, own] of partitions) {
        const offsets = ofTopic(topic);
        const committed = await log.committed(group, topic);
        // What this process applied beyond, it still holds: it was not made durable, and is skipped when it comes again.
        for (const partition of own) {
          const stands = committed.get(partition) ?? 0;
          const next = offsets.get(partition) ?? 0;
          offsets.set(partition, Math.max(next, stands));
          if (next > stands) uncommitted.add(topic);
        }
      }
      assigned = new Map([...partitions].map(([topic, own]) => [topic, new Set(own)]));
      isMember = true;
    },
    owns,
    next: (topic) => byTopic.get(topic) ?? new Map(),
    advance(topic, partition, next) {
      const offsets = ofTopic(topic);
      if (next <= (offsets.get(partition) ?? 0)) return;
      offsets.set(partition, next);
      uncommitted.add(topic);
    },
    suspend() {
      isMember = false;
    },
    async commit() {
      if (!isMember) return;
      for (const topic of [...uncommitted]) {
        const own = [...(byTopic.get(topic) ?? [])].filter(([partition]) => owns(topic, partition));
        await log.commit(group, topic, new Map(own));
        uncommitted.delete(topic);
      }
    },
  };
}
