import type { EventLog } from '../../core/ports/event-log.ts';

/** The next offset to apply, per topic and partition. */
export interface AppliedOffsets {
  /** Reads where the group stands in topics not seen before. */
  load(topics: Iterable<string>): Promise<void>;
  next(topic: string): ReadonlyMap<number, number>;
  advance(topic: string, partition: number, next: number): void;
  /** Commits what was advanced since the last commit. */
  commit(): Promise<void>;
}

export function createAppliedOffsets(log: EventLog, group: string): AppliedOffsets {
  const byTopic = new Map<string, Map<number, number>>();
  const uncommitted = new Set<string>();
  return {
    async load(topics) {
      for (const topic of topics) {
        if (!byTopic.has(topic)) byTopic.set(topic, new Map(await log.committed(group, topic)));
      }
    },
    next: (topic) => byTopic.get(topic) ?? new Map(),
    advance(topic, partition, next) {
      const offsets = byTopic.get(topic) ?? new Map<number, number>();
      byTopic.set(topic, offsets);
      if (next <= (offsets.get(partition) ?? 0)) return;
      offsets.set(partition, next);
      uncommitted.add(topic);
    },
    async commit() {
      for (const topic of [...uncommitted]) {
        await log.commit(group, topic, new Map(byTopic.get(topic)));
        uncommitted.delete(topic);
      }
    },
  };
}
