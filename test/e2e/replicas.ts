import { join } from 'node:path';
import { freePort } from '../services/free-port.ts';
import { type AsofProcess, startRole, waitFor } from './asof-process.ts';

/** One of several processes of a part, on a port that stays its own. */
export interface Replica {
  readonly name: string;
  readonly role: string;
  readonly url: string;
  /** Resolves when the process says that it answers. */
  start(): Promise<void>;
  process(): AsofProcess;
  /** What `/readyz` says; null = nobody is there. */
  readiness(): Promise<{ readonly status: number; readonly reasons: readonly string[] } | null>;
  ready(timeoutMillis: number): Promise<void>;
}

/** How many of each part run. */
const counts = { registry: 2, online: 2, offline: 1, ingest: 2, monitor: 1, gateway: 2 };

/** All parts of Asof, those that serve doubled; none has been started. */
export async function createReplicas(
  folder: string,
  definitions: string,
  variables: Readonly<Record<string, string>>,
): Promise<readonly Replica[]> {
  const roles = Object.entries(counts).flatMap(([role, count]) => Array<string>(count).fill(role));
  const ports = await Promise.all(roles.map(() => freePort()));
  const urlsOf = (role: string) =>
    ports.flatMap((port, index) => (roles[index] === role ? `http://127.0.0.1:${port}` : [])).join(',');
  const shared = {
    ...variables,
    OFFLINE_URL: join(folder, 'history'),
    ASOF_FLUSH_MILLIS: '1000',
    ASOF_DRAIN_MILLIS: '1000',
    ASOF_REGISTRY_URL: urlsOf('registry'),
    ASOF_ONLINE_URL: urlsOf('online'),
    ASOF_OFFLINE_URL: urlsOf('offline'),
  };
  return roles.map((role, index): Replica => {
    const name = `${role}-${index}`;
    const url = `http://127.0.0.1:${ports[index]}`;
    let process: AsofProcess | null = null;
    const replica: Replica = {
      name,
      role,
      url,
      process: () => process!,
      async start() {
        const env = { ...shared, PORT: String(ports[index]) };
        process = await startRole(role, join(folder, name), env, role === 'registry' ? definitions : null);
      },
      async readiness() {
        try {
          const response = await fetch(`${url}/readyz`);
          return { ...((await response.json()) as { reasons: string[] }), status: response.status };
        } catch {
          return null;
        }
      },
      async ready(timeoutMillis) {
        const look = async () => ((await replica.readiness())?.status === 200 ? true : undefined);
        await waitFor(look, timeoutMillis, undefined, () => `${name}: ${process?.output()}`);
      },
    };
    return replica;
  });
}
