import { execFileSync } from 'node:child_process';
import type { Certificates } from './certificates.ts';
import { findProgram } from './find-program.ts';
import { freePort } from './free-port.ts';
import { type RedisServer, redis, startRedis, tlsSettings } from './redis.ts';

const cli = findProgram('redis-cli');

export const redisCluster = { program: cli === null ? null : redis.program, install: redis.install };

export interface RedisCluster extends AsyncDisposable {
  /** All nodes, masters and replicas as the cluster chose them. */
  readonly nodes: readonly RedisServer[];
  /** `redis://host:port,host:port,…`, or `rediss://`, as in REDIS_URL. */
  readonly url: string;
}

const clusterNodes = 6;

/** Three masters with a replica each, on loopback; with certificates, over TLS only. */
export async function startRedisCluster(options: { readonly certificates?: Certificates } = {}): Promise<RedisCluster> {
  const { certificates } = options;
  if (cli === null) throw new Error(`redis-cli is not installed: ${redis.install}`);
  const nodes: RedisServer[] = [];
  for (let index = 0; index < clusterNodes; index++) nodes.push(await startNode(certificates));
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
  const tls = certificates === undefined ? [] : ['--tls', '--cacert', certificates.ca];
  execFileSync(cli, [...tls, '--cluster', 'create', ...addresses, '--cluster-replicas', '1', '--cluster-yes'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  // It returns when all nodes know each other, which is before they know that all slots are served.
  const isUp = (port: number): boolean =>
    execFileSync(cli, [...tls, '-p', String(port), 'cluster', 'info'], { encoding: 'utf8' }).includes(
      'cluster_state:ok',
    );
  const deadline = Date.now() + 30_000;
  while (!nodes.every(({ port }) => isUp(port))) if (Date.now() > deadline) throw new Error('the cluster is not up');
  return {
    nodes,
    url: `${certificates === undefined ? 'redis' : 'rediss'}://${addresses.join(',')}`,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
    },
  };
}

/** Its bus port is a free one too: the default, port + 10,000, may be taken or beyond the last port. */
async function startNode(certificates: Certificates | undefined): Promise<RedisServer> {
  const tls = certificates !== undefined && {
    ...tlsSettings(certificates),
    'tls-cluster': 'yes',
    'tls-replication': 'yes',
  };
  return startRedis({
    ...tls,
    'cluster-enabled': 'yes',
    'cluster-node-timeout': '2000',
    'cluster-port': String(await freePort()),
  });
}
