import { AsofError } from '../../core/errors/asof-error.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { Deadline } from '../../core/time/deadline.ts';
import type { Asker } from './asker.ts';
import type { RedisCommand } from './redis-client.ts';
import { asofErrorOf } from './redis-error.ts';
import type { RedisServer, RedisServers } from './servers.ts';

/** How long a write waits for a replica, and how often one that waited in vain is looked at again. */
const waitMillis = 1_000;
const settlePauseMillis = 50;
const settleLooks = 40;

/**
 * Writes that a failover does not undo. Redis confirms a write before its replicas have it, and a replica that takes
 * over without it would lose it for good, since whoever wrote it goes on. So a write counts when a replica has it too,
 * wherever there is one that could take over.
 */
export interface Replication {
  /** As `ask`; what no replica has confirmed is an UNAVAILABLE error although the server has done it. */
  write(server: RedisServer, commands: readonly RedisCommand[]): Promise<readonly unknown[]>;
  /**
   * Resolves when nothing is left that was written and not confirmed: who finds such a write done already when it
   * repeats it must not take it for safe. Throws UNAVAILABLE otherwise.
   */
  settle(): Promise<void>;
}

interface ReplicationDeps {
  readonly servers: RedisServers;
  readonly ask: Asker['ask'];
  readonly deadline: Deadline;
  readonly clock: Pick<SystemClock, 'sleep'>;
}

/** What a master says of its replicas. */
interface ReplicationInfo {
  /** Another one after a failover. */
  readonly id: string;
  readonly offset: number;
  /** Of each replica that follows. */
  readonly replicaOffsets: readonly number[];
}

const info: RedisCommand = { name: 'info', args: ['replication'], isForThisServer: true };
const wait: RedisCommand = { name: 'wait', args: [1, waitMillis], isForThisServer: true };

export function createReplication({ servers, ask, deadline, clock }: ReplicationDeps): Replication {
  /** How many replicas followed each server when it last said so. */
  const replicas = new Map<RedisServer, number>();
  const unsettled = new Map<RedisServer, ReplicationInfo>();

  async function look(server: RedisServer): Promise<ReplicationInfo> {
    const [reply] = await ask(server, [info], deadline);
    if (reply instanceof Error) throw asofErrorOf(server.name, reply);
    const found = parseInfo(String(reply));
    replicas.set(server, found.replicaOffsets.length);
    return found;
  }

  async function settleServer(server: RedisServer, before: ReplicationInfo): Promise<void> {
    const isMaster = servers.all().includes(server);
    const first = isMaster ? await look(server) : null;
    if (first === null || first.id !== before.id) {
      // Another server has taken over. What was read before may be of the old one: once more, then.
      unsettled.delete(server);
      throw unconfirmed(server);
    }
    for (let found = first, looks = 0; ; found = await look(server), looks++) {
      const { replicaOffsets } = found;
      if (replicaOffsets.length === 0 || replicaOffsets.some((offset) => offset >= first.offset)) break;
      if (looks === settleLooks) throw unconfirmed(server);
      await clock.sleep(settlePauseMillis);
    }
    unsettled.delete(server);
  }

  return {
    async write(server, commands) {
      if (!servers.failsOver) return ask(server, commands, deadline);
      if (!replicas.has(server)) await look(server);
      const isFollowed = replicas.get(server) !== 0;
      // All at once: on a connection made anew WAIT knows nothing of what was written before.
      const replies = await ask(server, [...commands, info, ...(isFollowed ? [wait] : [])], deadline);
      const written = replies.slice(0, commands.length);
      const [said, confirmed] = replies.slice(commands.length);
      if (said instanceof Error) {
        replicas.delete(server);
        return written;
      }
      const found = parseInfo(String(said));
      replicas.set(server, found.replicaOffsets.length);
      if (!isFollowed || (typeof confirmed === 'number' && confirmed > 0)) return written;
      unsettled.set(server, found);
      const error = unconfirmed(server);
      return written.map((reply) => (reply instanceof Error ? reply : error));
    },
    async settle() {
      for (const [server, before] of unsettled) await settleServer(server, before);
    },
  };
}

function parseInfo(text: string): ReplicationInfo {
  const field = (name: string): string => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(text)?.[1] ?? '';
  const followers = text.matchAll(/^slave\d+:.*state=online,offset=(\d+)/gm);
  return {
    id: field('master_replid'),
    offset: Number(field('master_repl_offset')),
    replicaOffsets: [...followers].map(([, offset]) => Number(offset)),
  };
}

function unconfirmed({ name }: RedisServer): AsofError {
  return new AsofError('UNAVAILABLE', 'no replica has confirmed what was written', {
    path: `redis ${name}`,
    remedy: 'See whether the replicas keep up; what was written can be written again',
  });
}
