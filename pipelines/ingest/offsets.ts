import type { CommittedOffset, EventLog } from '../../core/ports/event-log.ts';

/** The next offset to apply, per topic and partition, and what was committed of it. */
export interface AppliedOffsets {
  /** Reads where the group stands in topics not seen before. */
  load(topics: Iterable<string>): Promise<void>;
  /**
   * Takes over these partitions, and no others, from where the group stands; those that it has it goes on with. Resolves
   * with the ones that are new. null = who has which is not known.
   */
  assign(partitions: ReadonlyMap<string, readonly number[]> | null): Promise<readonly TakenPartition[]>;
  /** Whether the partition is this process's to apply; true as long as nobody has said otherwise. */
  owns(topic: string, partition: number): boolean;
  /** The partitions that have been assigned. */
  assigned(topic: string): readonly number[];
  next(topic: string): ReadonlyMap<number, number>;
  advance(topic: string, partition: number, next: number): void;
  /** All that was advanced until now. */
  reached(): ReachedOffsets;
  /** Commits with the note what was advanced and is not committed yet; absent: all, else nothing beyond `reached`. */
  commit(note: string, reached?: ReachedOffsets): Promise<void>;
  /** Commits once more what is committed, where it was with another note. */
  renote(note: string): Promise<void>;
  /** Until partitions are assigned again there is nothing to commit: others may have them. */
  suspend(): void;
}

/** The next offset by topic and partition. */
export type ReachedOffsets = ReadonlyMap<string, ReadonlyMap<number, number>>;

export interface TakenPartition {
  readonly topic: string;
  readonly partition: number;
  readonly committed: CommittedOffset;
}

const nothing: CommittedOffset = { offset: 0, note: null };

export function createAppliedOffsets(log: EventLog, group: string): AppliedOffsets {
  const byTopic = new Map<string, Map<number, number>>();
  let owned: ReadonlyMap<string, ReadonlySet<number>> | null = null;
  /** What was committed last of each partition that is held without a break; none of a member that is suspended. */
  const held = new Map<string, Map<number, CommittedOffset>>();

  const owns = (topic: string, partition: number): boolean =>
    owned === null || owned.get(topic)?.has(partition) === true;
  const ofTopic = (topic: string): Map<number, number> => {
    const offsets = byTopic.get(topic) ?? new Map<number, number>();
    byTopic.set(topic, offsets);
    return offsets;
  };
  const commitAll = async (topic: string, offsets: ReadonlyMap<number, number>, note: string): Promise<void> => {
    if (offsets.size === 0) return;
    await log.commit(group, topic, offsets, note);
    for (const [partition, offset] of offsets) held.get(topic)?.set(partition, { offset, note });
  };

  return {
    async load(topics) {
      for (const topic of topics) {
        if (byTopic.has(topic)) continue;
        const committed = await log.committed(group, topic);
        byTopic.set(topic, new Map([...committed].map(([partition, { offset }]) => [partition, offset])));
      }
    },
    async assign(partitions) {
      const taken: TakenPartition[] = [];
      if (partitions === null) {
        owned = null;
        held.clear();
        return taken;
      }
      for (const [topic, own] of partitions) {
        const before = held.get(topic);
        const standing = new Map<number, CommittedOffset>();
        const committed = own.every((partition) => before?.has(partition)) ? null : await log.committed(group, topic);
        for (const partition of own) {
          const kept = before?.get(partition);
          const now = kept ?? committed?.get(partition) ?? nothing;
          standing.set(partition, now);
          if (kept !== undefined) continue;
          // Not from where this process may have been once: others have had the partition since, and other views.
          ofTopic(topic).set(partition, now.offset);
          taken.push({ topic, partition, committed: now });
        }
        held.set(topic, standing);
      }
      for (const topic of [...held.keys()]) if (!partitions.has(topic)) held.delete(topic);
      owned = new Map([...partitions].map(([topic, own]) => [topic, new Set(own)]));
      return taken;
    },
    owns,
    assigned: (topic) => [...(held.get(topic)?.keys() ?? [])],
    next: (topic) => byTopic.get(topic) ?? new Map(),
    advance(topic, partition, next) {
      const offsets = ofTopic(topic);
      if (next <= (offsets.get(partition) ?? 0)) return;
      offsets.set(partition, next);
    },
    suspend: () => held.clear(),
    reached: () => new Map([...byTopic].map(([topic, offsets]) => [topic, new Map(offsets)])),
    async commit(note, reached = byTopic) {
      for (const [topic, standing] of held) {
        const due = new Map<number, number>();
        for (const [partition, { offset }] of standing) {
          // Not beyond where a partition stands that was given away and has come back since.
          const own = byTopic.get(topic)?.get(partition) ?? 0;
          const next = Math.min(own, reached.get(topic)?.get(partition) ?? 0);
          if (next > offset) due.set(partition, next);
        }
        await commitAll(topic, due, note);
      }
    },
    async renote(note) {
      for (const [topic, standing] of held) {
        const stale = [...standing].filter(([, committed]) => committed.note !== note);
        await commitAll(topic, new Map(stale.map(([partition, { offset }]) => [partition, offset])), note);
      }
    },
  };
}
