import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Certificates } from './certificates.ts';
import { findProgram, versionFolders } from './find-program.ts';
import { freePort } from './free-port.ts';
import { type Identity, unprivileged } from './identity.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

const folders = versionFolders('/usr/lib/postgresql', 'bin');
const programs = { postgres: findProgram('postgres', folders), initdb: findProgram('initdb', folders) };

export const postgres = {
  program: programs.initdb === null ? null : programs.postgres,
  install: 'apt-get install postgresql',
};

export interface PostgresServer extends ServerProcess {
  readonly url: string;
  readonly port: number;
  /** The URL of a new, empty database. */
  database(name: string): string;
  /** Starts again, on the same port and data, after `kill`. */
  restart(): Promise<void>;
}

/**
 * A PostgreSQL on loopback with a fresh cluster in a temporary folder, which goes when it stops; with certificates, over
 * TLS only.
 */
export async function startPostgres(options: { readonly certificates?: Certificates } = {}): Promise<PostgresServer> {
  const { certificates } = options;
  const { postgres: server, initdb } = programs;
  if (server === null || initdb === null) throw new Error(`PostgreSQL is not installed: ${postgres.install}`);
  const folder = mkdtempSync(join(tmpdir(), 'asof-postgres-'));
  const user = unprivileged();
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const initArgs = ['-D', data, '-U', 'asof', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
  execFileSync(initdb, initArgs, { ...user, cwd: folder, stdio: 'ignore' });
  const tls = certificates === undefined ? {} : setUpTls(certificates, { folder, data, user });
  const port = await freePort();
  const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: folder, ...tls };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const start = (): Promise<ServerProcess> =>
    startServerProcess(server, ['-D', data, '-p', String(port), ...args], {
      ready: /ready to accept connections/,
      cwd: folder,
      ...user,
    });
  let running = await start();
  const url = (database: string): string => `postgres://asof@127.0.0.1:${port}/${database}`;
  return {
    port,
    url: url('postgres'),
    database: (name) => {
      if (!/^[a-z_]{1,40}$/.test(name)) throw new Error(`not a simple database name: ${name}`);
      execFileSync(join(server, '..', 'createdb'), ['-h', folder, '-p', String(port), '-U', 'asof', name]);
      return url(name);
    },
    kill: () => running.kill(),
    restart: async () => {
      running = await start();
    },
    [Symbol.asyncDispose]: async () => {
      await running[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL takes a key only that is its own user's, and nobody else's to read. */
function setUpTls(
  { certificate, key }: Certificates,
  { folder, data, user }: { readonly folder: string; readonly data: string; readonly user: Identity | undefined },
): Record<string, string> {
  const own = join(folder, 'server.key');
  copyFileSync(key, own);
  chmodSync(own, 0o600);
  if (user !== undefined) chownSync(own, user.uid, user.gid);
  const cert = join(folder, 'server.pem');
  copyFileSync(certificate, cert);
  chmodSync(cert, 0o644);
  writeFileSync(join(data, 'pg_hba.conf'), 'local all all trust\nhostssl all all 127.0.0.1/32 trust\n');
  return { ssl: 'on', ssl_cert_file: cert, ssl_key_file: own };
}
