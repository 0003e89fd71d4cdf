import { execFileSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram, versionFolders } from './find-program.ts';
import { freePort } from './free-port.ts';
import { unprivileged } from './identity.ts';
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

/** A PostgreSQL on loopback with a fresh cluster in a temporary folder, which goes when it stops. */
export async function startPostgres(): Promise<PostgresServer> {
  const { postgres: server, initdb } = programs;
  if (server === null || initdb === null) throw new Error(`PostgreSQL is not installed: ${postgres.install}`);
  const folder = mkdtempSync(join(tmpdir(), 'asof-postgres-'));
  const user = unprivileged();
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const initArgs = ['-D', data, '-U', 'asof', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
  execFileSync(initdb, initArgs, { ...user, cwd: folder, stdio: 'ignore' });
  const port = await freePort();
  const start = (): Promise<ServerProcess> =>
    startServerProcess(server, ['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-k', folder], {
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
      execFileSync(join(server, '..', 'createdb'), ['-h', '127.0.0.1', '-p', String(port), '-U', 'asof', name]);
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
