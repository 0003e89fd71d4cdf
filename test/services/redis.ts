import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Certificates } from './certificates.ts';
import { findProgram } from './find-program.ts';
import { freePort } from './free-port.ts';
import { type PausableProcess, startServerProcess } from './server-process.ts';

export const redis = { program: findProgram('redis-server'), install: 'apt-get install redis-server' };

export interface RedisServer extends PausableProcess {
  readonly url: string;
  readonly port: number;
}

/** Settings that let a Redis listen over TLS only. */
export function tlsSettings({ ca, certificate, key }: Certificates): Readonly<Record<string, string>> {
  return {
    'tls-cert-file': certificate,
    'tls-key-file': key,
    'tls-ca-cert-file': ca,
    'tls-auth-clients': 'no',
  };
}

/** An empty Redis on loopback that keeps nothing on disk. */
export async function startRedis(settings: Readonly<Record<string, string>> = {}): Promise<RedisServer> {
  if (redis.program === null) throw new Error(`redis-server is not installed: ${redis.install}`);
  const port = Number(settings.port ?? (await freePort()));
  const isTls = settings['tls-cert-file'] !== undefined;
  const folder = mkdtempSync(join(tmpdir(), 'asof-redis-'));
  const all = {
    [isTls ? 'tls-port' : 'port']: String(port),
    ...(isTls && { port: '0' }),
    bind: '127.0.0.1',
    dir: folder,
    save: '',
    appendonly: 'no',
    'maxmemory-policy': 'noeviction',
    ...Object.fromEntries(Object.entries(settings).filter(([name]) => name !== 'port')),
  };
  const server = await startServerProcess(
    redis.program,
    Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]),
    { ready: /Ready to accept connections/ },
  );
  return {
    ...server,
    port,
    url: `${isTls ? 'rediss' : 'redis'}://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
