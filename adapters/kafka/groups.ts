import type { Admin } from 'kafkajs';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { CommittedOffset } from '../../core/ports/event-log.ts';
import type { Cluster } from './cluster.ts';
import { type Commit, commitAs, whenCoordinated } from './coordinator.ts';
import type { GroupSession } from './session.ts';
import type { Topics } from './topics.ts';

/** Committed offsets of consumer groups, and this process's memberships in them. */
export interface Groups {
  /** Until the returned function is called, commits for the group are those of this member. */
  enter(group: string, session: GroupSession): () => void;
  commit(group: string, topic: string, commit: Commit): Promise<void>;
  committed(group: string, topic: string): Promise<ReadonlyMap<number, CommittedOffset>>;
}

/** How a client that is no member commits: allowed only while the group has no members. */
const noMember = { groupGenerationId: -1, memberId: '' };

export function createGroups(cluster: Cluster, admin: Admin, topics: Topics, systemClock: SystemClock): Groups {
  const sessions = new Map<string, GroupSession>();
  return {
    enter(group, session) {
      sessions.set(group, session);
      return () => {
        if (sessions.get(group) === session) sessions.delete(group);
      };
    },
    async commit(group, topic, commit) {
      const session = sessions.get(group);
      if (session !== undefined) return session.commit(topic, commit);
      await commitAs({ cluster, systemClock }, { groupId: group, ...noMember }, topic, commit);
    },
    async committed(group, topic) {
      if (!(await topics.exists(topic))) return new Map();
      const found = await whenCoordinated(systemClock, () => admin.fetchOffsets({ groupId: group, topics: [topic] }));
      const offsets = found.flatMap(({ partitions }) =>
        partitions.map(({ partition, offset, metadata }) => {
          return [partition, { offset: Number(offset), note: metadata }] as const;
        }),
      );
      return new Map(offsets.filter(([, { offset }]) => offset >= 0).sort(([a], [b]) => a - b));
    },
  };
}
