import { join } from 'node:path';
import { freePort } from '../services/free-port.ts';
import { type AsofProcess, waitFor } from './asof-process.ts';

/** One process of each part; two share the work of ingest. */
export const processNames = ['gateway', 'registry', 'online', 'offline', 'ingest-1', 'ingest-2', 'monitor'] as const;
export type ProcessName = (typeof processNames)[number];
export const ingests = ['ingest-1', 'ingest-2'] as const;

export interface Readiness {
  readonly status: number;
  readonly reasons: readonly string[];
  readonly notes: readonly string[];
}

/** All parts of Asof as processes of their own, on the servers that `variables` name. */
export interface SeparateProcesses extends AsyncDisposable {
  of(name: ProcessName): AsofProcess;
  /** `variables` are added to those of all. */
  start(name: ProcessName, variables?: Readonly<Record<string, string>>): Promise<void>;
  readiness(name: ProcessName): Promise<Readiness>;
  metrics(name: ProcessName): Promise<string>;
  /** The next offsets to apply of the partitions of a topic that an ingest process has. */
  partitions(name: ProcessName, topic: string): Promise<ReadonlyMap<number, number>>;
  /** Resolves when all are ready and nothing is amiss. */
  whole(timeoutMillis: number): Promise<void>;
}

/** Starts one of them: `role` is what it is, `dataDir` its own folder. */
export type Launch = (role: string, dataDir: string, env: Readonly<Record<string, string>>) => Promise<AsofProcess>;

export async function separateProcesses(
  folder: string,
  variables: Readonly<Record<string, string>>,
  launch: Launch,
): Promise<SeparateProcesses> {
  const ports = new Map<ProcessName, number>();
  for (const name of processNames) ports.set(name, await freePort());
  const url = (name: ProcessName): string => `http://127.0.0.1:${ports.get(name)}`;
  const running = new Map<ProcessName, AsofProcess>();
  const shared = {
    ...variables,
    OFFLINE_URL: join(folder, 'history'),
    ASOF_FLUSH_MILLIS: '1000',
    ASOF_REGISTRY_URL: url('registry'),
    ASOF_ONLINE_URL: url('online'),
    ASOF_OFFLINE_URL: url('offline'),
  };
  const processes: SeparateProcesses = {
    of: (name) => running.get(name)!,
    async start(name, added = {}) {
      const env = { ...shared, ...added, PORT: String(ports.get(name)) };
      running.set(name, await launch(name.replace(/-\d$/, ''), join(folder, name), env));
    },
    async readiness(name) {
      const response = await fetch(`${url(name)}/readyz`);
      return { ...((await response.json()) as Omit<Readiness, 'status'>), status: response.status };
    },
    metrics: async (name) => (await fetch(`${url(name)}/metrics`)).text(),
    async partitions(name, topic) {
      const pattern = new RegExp(`^asof_ingest_next_offset\\{topic="${topic}",partition="(\\d+)"\\} (\\d+)$`, 'gm');
      const found = [...(await processes.metrics(name)).matchAll(pattern)];
      return new Map(found.map(([, partition, next]) => [Number(partition), Number(next)]));
    },
    async whole(timeoutMillis) {
      let last: unknown = null;
      // In the order of their start.
      const said = () => [...running].map(([name, process]) => `${name}: ${process.output()}`);
      const output = () => [JSON.stringify(last), ...said()].join('\n');
      const look = async () => {
        const all = await Promise.all(processNames.map((name) => processes.readiness(name)));
        last = all;
        return all.every(({ status, notes }) => status === 200 && notes.length === 0) ? true : undefined;
      };
      await waitFor(look, timeoutMillis, undefined, output);
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...running.values()].map((process) => process.stop('SIGKILL')));
    },
  };
  return processes;
}
