import { AsofError } from '../../core/errors/asof-error.ts';
import { shardOf } from '../../core/online/keys.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { Fence, OnlineAnswer, OnlineStore } from '../../core/ports/online-store.ts';
import { createDeadline } from '../../core/time/deadline.ts';
import { createAsker, type RedisEvents } from './asker.ts';
import {
  asBuffer,
  compareAndSetCommand,
  compareAndSetScript,
  fenced,
  type RedisWrite,
  type ShardFence,
} from './compare-and-set.ts';
import type { RedisCommand } from './redis-client.ts';
import { asofErrorOf } from './redis-error.ts';
import { createReplication } from './replication.ts';
import type { RedisServer, RedisServers } from './servers.ts';
import { slotOf } from './slots.ts';

/** Writes that travel together; bounds what Redis and we hold in buffers. */
const pipelineWrites = 1_000;
const pipelineBytes = 4 * 1024 * 1024;

/** Writes that one call of the script does; Redis does nothing else meanwhile. */
const scriptWrites = 64;

/** How often a script is loaded again, at most: a slot may move to a server without it meanwhile. */
const scriptAttempts = 4;

export interface RedisOnlineStoreDeps {
  readonly servers: RedisServers;
  /** The same servers over connections of their own, where writes wait for replicas; default: `servers`. */
  readonly writers?: RedisServers;
  readonly clock: SystemClock;
  readonly deadlines?: Partial<RedisDeadlines>;
  readonly events?: RedisEvents;
}

export interface RedisDeadlines {
  /** What a server has not answered of a read by then is UNAVAILABLE. Default 500. */
  readonly readMillis: number;
  /** The same for writes and administration. Default 5,000. */
  readonly writeMillis: number;
}

/** The online store on Redis servers whose clients belong to the caller: closing the store leaves them open. */
export function createRedisOnlineStore(deps: RedisOnlineStoreDeps): OnlineStore {
  const { servers, clock, writers = servers, events = {} } = deps;
  const { readMillis = 500, writeMillis = 5_000 } = deps.deadlines ?? {};
  const readDeadline = createDeadline(clock, readMillis);
  const writeDeadline = createDeadline(clock, writeMillis);
  const { ask } = createAsker({ servers, clock, events });
  const writing = writers === servers ? ask : createAsker({ servers: writers, clock, events }).ask;
  const replication = createReplication({ servers: writers, ask: writing, deadline: writeDeadline, clock });
  /** For what is useless in part. */
  const writeAll = async (server: RedisServer, commands: readonly RedisCommand[]): Promise<void> => {
    const replies = await replication.write(server, commands);
    for (const reply of replies) if (reply instanceof Error) throw asofErrorOf(server.name, reply);
  };

  async function readFrom({ server, groups }: ServerKeys, answers: OnlineAnswer[]): Promise<void> {
    const commands = groups.map(({ keys }): RedisCommand => ({ name: 'mget', args: [...keys] }));
    const replies = await ask(server, commands, readDeadline);
    groups.forEach(({ keys, places }, index) => {
      const reply = replies[index];
      const error = reply instanceof Error ? asofErrorOf(server.name, reply) : null;
      if (error !== null && error.code !== 'UNAVAILABLE') throw error;
      const values = reply as readonly (Buffer | null)[];
      for (let i = 0; i < keys.length; i++) answers[places === null ? i : places[i]!] = error ?? values[i]!;
    });
  }

  /** One attempt at the writes at `places`; returns the places of those whose server does not know the script. */
  async function writeOnce(
    { writes, fence }: Writing,
    places: readonly number[],
    results: (boolean | null)[],
    loadsScript: boolean,
  ): Promise<readonly number[]> {
    const load: RedisCommand[] = loadsScript ? [{ name: 'script', args: ['LOAD', compareAndSetScript] }] : [];
    const asked = [...commandsByServer(writers, { writes, fence }, places)].map(async ([server, commands]) => {
      const sent = [...load, ...commands.map(({ command }) => command)];
      return { server, commands, replies: (await replication.write(server, sent)).slice(load.length) };
    });
    const unknown: number[] = [];
    for (const { server, commands, replies } of await Promise.all(asked)) {
      for (const [index, { places: written }] of commands.entries()) {
        const reply = replies[index];
        if (reply instanceof Error) {
          if (!reply.message.startsWith('NOSCRIPT')) throw asofErrorOf(server.name, reply);
          unknown.push(...written);
        } else {
          const stored = reply === fenced ? null : (reply as readonly number[]);
          for (const [i, place] of written.entries()) results[place] = stored === null ? null : stored[i] === 1;
        }
      }
    }
    return unknown;
  }

  async function write(writes: readonly RedisWrite[], fence: Fence | undefined): Promise<(boolean | null)[]> {
    const results: (boolean | null)[] = new Array(writes.length);
    let places: readonly number[] = [...writes.keys()];
    for (let attempt = 0; places.length > 0; attempt++) {
      if (attempt === scriptAttempts) throw new AsofError('UNAVAILABLE', 'Redis forgets the script again and again');
      places = await writeOnce({ writes, fence }, places, results, attempt > 0);
    }
    return results;
  }

  return {
    name: 'redis',
    shards: servers.shards,
    async getMany(keys) {
      if (keys.length === 0) return [];
      const answers: OnlineAnswer[] = new Array(keys.length);
      await Promise.all(byServer(servers, keys).map((part) => readFrom(part, answers)));
      return answers;
    },
    async compareAndSet(writes, fence) {
      await replication.settle();
      const results: (boolean | null)[] = [];
      for (const part of parts(writes)) results.push(...(await write(part, fence)));
      return results;
    },
    async put(key, value) {
      await writeAll(writers.serverOf(key), [{ name: 'set', args: [key, asBuffer(value)] }]);
    },
    async delete(keys, fence) {
      if (fence !== undefined) {
        for (const part of parts(keys.map((key) => ({ key, value: null })))) await write(part, fence);
        return;
      }
      const unlink = ({ server, groups }: ServerKeys) =>
        writeAll(
          server,
          groups.map((group) => ({ name: 'unlink', args: [...group.keys] })),
        );
      if (keys.length > 0) await Promise.all(byServer(writers, keys).map(unlink));
    },
    async *scan(prefix) {
      const pattern = `${prefix.replaceAll(/[\\*?[\]]/g, '\\$&')}*`;
      // SCAN may name a key twice, and so may two servers while a slot moves.
      const seen = new Set<string>();
      for (const server of servers.all()) {
        let cursor = '0';
        do {
          const args = [cursor, 'MATCH', pattern, 'COUNT', 1_000];
          const [reply] = await ask(server, [{ name: 'scan', args, isForThisServer: true }], writeDeadline);
          if (reply instanceof Error) throw asofErrorOf(server.name, reply);
          const [next, keys] = reply as readonly [Buffer, readonly Buffer[]];
          for (const bytes of keys) {
            const key = bytes.toString();
            if (seen.has(key)) continue;
            seen.add(key);
            yield key;
          }
          cursor = next.toString();
        } while (cursor !== '0');
      }
    },
    [Symbol.asyncDispose]: async () => {
      readDeadline.close();
      writeDeadline.close();
    },
  };
}

/** The keys that one server holds, in groups that one command may name. */
interface ServerKeys {
  readonly server: RedisServer;
  readonly groups: readonly KeyGroup[];
}

interface KeyGroup {
  readonly keys: readonly string[];
  /** Where each of them stands among all keys; null = these are all keys. */
  readonly places: readonly number[] | null;
}

function byServer(servers: RedisServers, keys: readonly string[]): readonly ServerKeys[] {
  if (servers.mixesSlots) return [{ server: servers.serverOf(keys[0]!), groups: [{ keys, places: null }] }];
  const bySlot = new Map<number, { keys: string[]; places: number[] }>();
  for (const [place, key] of keys.entries()) {
    const slot = slotOf(key);
    let group = bySlot.get(slot);
    if (group === undefined) {
      group = { keys: [], places: [] };
      bySlot.set(slot, group);
    }
    group.keys.push(key);
    group.places.push(place);
  }
  const groupsOf = new Map<RedisServer, KeyGroup[]>();
  for (const group of bySlot.values()) {
    const server = servers.serverOf(group.keys[0]!);
    const groups = groupsOf.get(server);
    if (groups === undefined) groupsOf.set(server, [group]);
    else groups.push(group);
  }
  return [...groupsOf].map(([server, groups]) => ({ server, groups }));
}

interface WriteCommand {
  readonly command: RedisCommand;
  /** Where its writes stand among all. */
  readonly places: readonly number[];
}

interface Writing {
  readonly writes: readonly RedisWrite[];
  readonly fence: Fence | undefined;
}

/** The writes at `places` in as few commands as may be, each of a size that does not hold others up. */
function commandsByServer(
  servers: RedisServers,
  { writes, fence }: Writing,
  places: readonly number[],
): ReadonlyMap<RedisServer, readonly WriteCommand[]> {
  const keys = places.map((place) => writes[place]!.key);
  const commands = new Map<RedisServer, readonly WriteCommand[]>();
  for (const { server, groups } of byServer(servers, keys)) {
    const ofServer = groups.flatMap((group) => {
      const written = group.places === null ? places : group.places.map((index) => places[index]!);
      if (fence === undefined) return scriptsOf(writes, written, null);
      const byShard = new Map<string, number[]>();
      for (const place of written) {
        const shard = shardOf(writes[place]!.key);
        const own = byShard.get(shard);
        if (own === undefined) byShard.set(shard, [place]);
        else own.push(place);
      }
      return [...byShard].flatMap(([shard, own]) =>
        scriptsOf(writes, own, { key: fence.keyIn(shard), value: fence.value }),
      );
    });
    commands.set(server, ofServer);
  }
  return commands;
}

function scriptsOf(
  writes: readonly RedisWrite[],
  places: readonly number[],
  fence: ShardFence | null,
): readonly WriteCommand[] {
  return Array.from({ length: Math.ceil(places.length / scriptWrites) }, (_, index) => {
    const chunk = places.slice(index * scriptWrites, (index + 1) * scriptWrites);
    const command = compareAndSetCommand(
      chunk.map((place) => writes[place]!),
      fence,
    );
    return { command, places: chunk };
  });
}

function* parts(writes: readonly RedisWrite[]): Iterable<readonly RedisWrite[]> {
  let part: RedisWrite[] = [];
  let bytes = 0;
  for (const write of writes) {
    part.push(write);
    if (write.value !== null) {
      bytes += write.companions.reduce((sum, { value }) => sum + (value?.length ?? 0), write.value.length);
    }
    if (part.length < pipelineWrites && bytes < pipelineBytes) continue;
    yield part;
    part = [];
    bytes = 0;
  }
  if (part.length > 0) yield part;
}
