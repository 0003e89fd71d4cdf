import { type PartitionAssigner, PartitionAssigners } from 'kafkajs';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { Broker, Cluster } from './cluster.ts';
import { commitAs } from './coordinator.ts';

/** What kafkajs has no hook for: the moments before a member gives its partitions up, and commits bound to one generation. */
export interface Membership {
  /** kafkajs hands its own cluster to an assigner, where joining and leaving can be seen coming. */
  readonly assigner: PartitionAssigner;
  /** To be told when kafkajs has joined, with what the group has given to this member. */
  joined(assignment: Readonly<Record<string, readonly number[]>>): void;
  /**
   * Of the partitions that the member has; others are left out. Without effect when the group has gone on without this
   * member: who has its partitions now starts from an earlier offset.
   */
  commit(topic: string, offsets: ReadonlyMap<number, number>): Promise<void>;
}

export interface MembershipOptions {
  readonly groupId: string;
  readonly systemClock: SystemClock;
  /** Called while the group still takes this member's commits; the partitions go when it has resolved. */
  release(): Promise<void>;
}

interface Generation {
  readonly groupGenerationId: number;
  readonly memberId: string;
  /** Partitions by topic. */
  readonly assignment: Readonly<Record<string, readonly number[]>>;
}

export function createMembership({ groupId, systemClock, release }: MembershipOptions): Membership {
  let cluster: Cluster | null = null;
  let generation: Generation | null = null;
  /** What the broker has answered to the join, until the assignment is there too. */
  let joining: Omit<Generation, 'assignment'> | null = null;

  const giveUp = async (): Promise<void> => {
    if (generation === null) return;
    try {
      await release();
    } finally {
      generation = null;
    }
  };

  /** The coordinator as kafkajs uses it, but that this member's joining and leaving wait for `release`. */
  const watched = (coordinator: Broker): Broker => {
    const own: Pick<Broker, 'joinGroup' | 'leaveGroup'> = {
      async joinGroup(request) {
        await giveUp();
        const answer = await coordinator.joinGroup(request);
        joining = { groupGenerationId: answer.generationId, memberId: answer.memberId };
        return answer;
      },
      async leaveGroup(request) {
        await giveUp();
        return coordinator.leaveGroup(request);
      },
    };
    return new Proxy(coordinator, {
      get(target, name) {
        const value = Reflect.get(name in own ? own : target, name);
        return typeof value === 'function' && !(name in own) ? value.bind(target) : value;
      },
    });
  };

  return {
    assigner(config) {
      cluster = config.cluster as unknown as Cluster;
      const find = cluster.findGroupCoordinator.bind(cluster);
      cluster.findGroupCoordinator = async (group) => watched(await find(group));
      return PartitionAssigners.roundRobin(config);
    },
    joined(assignment) {
      generation = joining === null ? null : { ...joining, assignment };
    },
    async commit(topic, offsets) {
      if (generation === null || cluster === null) return;
      const { groupGenerationId, memberId, assignment } = generation;
      const own = new Map([...offsets].filter(([partition]) => assignment[topic]?.includes(partition) === true));
      const member = { groupId, groupGenerationId, memberId };
      await commitAs({ cluster, systemClock }, member, topic, own).catch(unlessReplaced);
    },
  };
}

const replaced = new Set(['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'REBALANCE_IN_PROGRESS']);

/** Whether the broker says that the group is being, or has been, arranged without this member. */
export function isReplaced(error: unknown): boolean {
  return error instanceof Error && 'type' in error && replaced.has(String(error.type));
}

function unlessReplaced(error: unknown): void {
  if (!isReplaced(error)) throw error;
}
