import type { Cluster, Redis } from 'ioredis';
import type { RedisServer, RedisServers } from './servers.ts';
import { evenShards, slotOf } from './slots.ts';

/** ARCHITECTURE.md says why so many. Another number is another place for every key: the store would have to be rebuilt. */
const clusterShards = evenShards(64);

/** The masters of a cluster. */
export function clusterServers(cluster: Cluster): RedisServers {
  let byName = new Map<string, RedisServer>();
  const nameOf = ({ options }: Redis): string => `${options.host}:${options.port}`;
  const refresh = (): void => {
    byName = new Map(cluster.nodes('master').map((client) => [nameOf(client), { name: nameOf(client), client }]));
  };
  for (const event of ['+node', '-node', 'refresh', 'ready']) cluster.on(event, refresh);
  refresh();
  const serverNamed = (name: string): RedisServer => {
    let server = byName.get(name);
    if (server === undefined) {
      server = { name, client: null };
      byName.set(name, server);
    }
    return server;
  };
  return {
    shards: clusterShards,
    mixesSlots: false,
    failsOver: true,
    serverOf: (key) => serverNamed(cluster.slots[slotOf(key)]?.[0] ?? 'unknown'),
    all: () => [...new Set(cluster.slots.map((nodes) => nodes?.[0] ?? 'unknown'))].map(serverNamed),
    routed: cluster,
  };
}
