import type { Admin } from 'kafkajs';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { Cluster } from './cluster.ts';
import { commitAs, whenCoordinated } from './coordinator.ts';
import type { GroupSession } from './session.ts';
import type { Topics } from './topics.ts';

/** Committed offsets of consumer groups, and this process's memberships in them. */
export interface Groups {
  /** Until the returned function is called, commits for the group are those of this member. */
  enter(group: string, session: GroupSession): () => void;
  commit(group: string, topic: string, offsets: ReadonlyMap<number, number>): Promise<void>;
  committed(group: string, topic: string): Promise<ReadonlyMap<number, number>>;
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
    async commit(group, topic, offsets) {
      const session = sessions.get(group);
      if (session !== undefined) return session.commit(topic, offsets);
      await commitAs({ cluster, systemClock }, { groupId: group, ...noMember }, topic, offsets);
    },
    async committed(group, topic) {
      if (!(await topics.exists(topic))) return new Map();
      const found = await whenCoordinated(systemClock, () => admin.fetchOffsets({ groupId: group, topics: [topic] }));
      const offsets = found.flatMap(({ partitions }) =>
        partitions.map(({ partition, offset }) => [partition, Number(offset)] as const),
      );
      return new Map(offsets.filter(([, offset]) => offset >= 0).sort(([a], [b]) => a - b));
    },
  };
}
