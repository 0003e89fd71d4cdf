import type { RedisClient } from './redis-client.ts';

/** The Redis servers that hold the keys between them. */
export interface RedisServers {
  /** What the store says of itself, see the port. */
  readonly shards: readonly string[];
  /** Whether one command may name keys of different slots. */
  readonly mixesSlots: boolean;
  /** Whether a replica may take over from a server. */
  readonly failsOver: boolean;
  /** Which server has a key now, as far as is known; the same object for all keys of one server. */
  serverOf(key: string): RedisServer;
  /** Every server that holds keys. */
  all(): readonly RedisServer[];
  /** Finds the server of a command by itself, also while slots move; null where there is one server only. */
  readonly routed: RedisClient | null;
}

export interface RedisServer {
  /** `host:port`, for messages and metrics. */
  readonly name: string;
  /** null = not connected. */
  readonly client: RedisClient | null;
}

export function singleServer(name: string, client: RedisClient, failsOver = false): RedisServers {
  const server: RedisServer = { name, client };
  return { shards: ['0'], mixesSlots: true, failsOver, serverOf: () => server, all: () => [server], routed: null };
}
