import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { type RedisServer, redis, startRedis } from './redis.ts';
import { startServerProcess } from './server-process.ts';

export interface RedisSentinel extends AsyncDisposable {
  /** `redis+sentinel://host:port/main`, as in REDIS_URL. */
  readonly url: string;
  readonly master: RedisServer;
  readonly replica: RedisServer;
}

/** A master, its replica, and one Sentinel that asks for a password. */
export async function startRedisSentinel({ password }: { readonly password: string }): Promise<RedisSentinel> {
  if (redis.program === null) throw new Error(`redis-server is not installed: ${redis.install}`);
  // Without it a replica waits five seconds for others to synchronize with.
  const master = await startRedis({ 'repl-diskless-sync-delay': '0' });
  const replica = await startRedis({ replicaof: `127.0.0.1 ${master.port}` });
  const folder = mkdtempSync(join(tmpdir(), 'asof-sentinel-'));
  const file = join(folder, 'sentinel.conf');
  const port = await freePort();
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `requirepass "${password}"`,
    `sentinel monitor main 127.0.0.1 ${master.port} 1`,
    'sentinel down-after-milliseconds main 1000',
    'sentinel failover-timeout main 2000',
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  // It may fail over only to a replica that it has seen.
  const sentinel = await startServerProcess(redis.program, [file, '--sentinel'], { ready: /\+slave slave/ });
  return {
    url: `redis+sentinel://127.0.0.1:${port}/main`,
    master,
    replica,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([sentinel, replica, master].map((server) => server[Symbol.asyncDispose]()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
