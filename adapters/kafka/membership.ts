import kafkajs, { type PartitionAssigner, PartitionAssigners } from 'kafkajs';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { Broker, Cluster, Joined, JoinRequest } from './cluster.ts';
import { type Commit, commitAs } from './coordinator.ts';

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
  commit(topic: string, commit: Commit): Promise<void>;
  /** As whom the group still counts this member, having heard of no leaving; null = it does not. */
  readonly memberId: string | null;
}

export interface MembershipOptions {
  readonly groupId: string;
  /** As whom to join, where the group may still count a member that has not left; null = as somebody new. */
  readonly formerId: string | null;
  readonly systemClock: SystemClock;
  /** Aborted when this member is to join no more. */
  readonly over: AbortSignal;
  /** Called while the group still takes this member's commits; the partitions go when it has resolved. */
  release(): Promise<void>;
}

interface Generation {
  readonly groupGenerationId: number;
  readonly memberId: string;
  /** Partitions by topic. */
  readonly assignment: Readonly<Record<string, readonly number[]>>;
}

export function createMembership({ groupId, formerId, systemClock, over, release }: MembershipOptions): Membership {
  let cluster: Cluster | null = null;
  let generation: Generation | null = null;
  /** What the broker has answered to the join, until the assignment is there too. */
  let joining: Omit<Generation, 'assignment'> | null = null;
  let memberId = formerId;

  const giveUp = async (): Promise<void> => {
    if (generation === null) return;
    try {
      await release();
    } finally {
      generation = null;
    }
  };

  /** A consumer of kafkajs that is stopped while it joins would go on, as the member that somebody else now is. */
  const refuseWhenOver = (): void => {
    if (over.aborted) throw new kafkajs.KafkaJSNonRetriableError('this membership has ended');
  };

  /**
   * kafkajs comes back as somebody new after each failure of a broker, and the group then waits for who it was before until
   * that one's session ends.
   */
  async function joinAgain(coordinator: Broker, request: JoinRequest): Promise<Joined> {
    if (request.memberId !== '' || memberId === null) return coordinator.joinGroup(request);
    try {
      return await coordinator.joinGroup({ ...request, memberId });
    } catch (error) {
      if (!isKafkaError(error, unknownMember)) throw error;
      memberId = null;
      return coordinator.joinGroup(request);
    }
  }

  /** The coordinator as kafkajs uses it, but that this member's joining and leaving wait for `release`. */
  const watched = (coordinator: Broker): Broker => {
    const own: Pick<Broker, 'joinGroup' | 'syncGroup' | 'leaveGroup'> = {
      async joinGroup(request) {
        refuseWhenOver();
        await giveUp();
        const answer = await joinAgain(coordinator, request);
        memberId = answer.memberId;
        joining = { groupGenerationId: answer.generationId, memberId };
        refuseWhenOver();
        return answer;
      },
      async syncGroup(request) {
        const answer = await coordinator.syncGroup(request);
        refuseWhenOver();
        return answer;
      },
      async leaveGroup(request) {
        await giveUp();
        const answer = await coordinator.leaveGroup(request);
        memberId = null;
        return answer;
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
    get memberId() {
      return memberId;
    },
    async commit(topic, { offsets, note }) {
      if (generation === null || cluster === null) return;
      const { assignment, ...as } = generation;
      const own = new Map([...offsets].filter(([partition]) => assignment[topic]?.includes(partition) === true));
      await commitAs({ cluster, systemClock }, { groupId, ...as }, topic, { offsets: own, note }).catch(unlessReplaced);
    },
  };
}

const unknownMember = new Set(['UNKNOWN_MEMBER_ID']);
const replaced = new Set(['ILLEGAL_GENERATION', 'REBALANCE_IN_PROGRESS', ...unknownMember]);

/** Whether the broker says that the group is being, or has been, arranged without this member. */
export function isReplaced(error: unknown): boolean {
  return isKafkaError(error, replaced);
}

function isKafkaError(error: unknown, types: ReadonlySet<string>): boolean {
  return error instanceof Error && 'type' in error && types.has(String(error.type));
}

function unlessReplaced(error: unknown): void {
  if (!isReplaced(error)) throw error;
}
