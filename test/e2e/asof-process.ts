import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

/** A running Asof as a user starts it: a process of its own, reached only through its door. */
export interface AsofProcess {
  readonly url: string;
  readonly pid: number;
  readonly startedAt: number;
  output(): string;
  query<Data>(query: string, variables?: Record<string, unknown>): Promise<Data>;
  execute(query: string, variables?: Record<string, unknown>): Promise<{ data?: unknown; errors?: GraphQlError[] }>;
  websocket(): Client;
  ready(timeoutMillis: number): Promise<void>;
  /** Resolves with the exit code, or the signal's name. */
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
  /** The highest proportional set size of the process tree seen so far, in bytes. */
  peakMemoryBytes(): number;
}

interface GraphQlError {
  readonly message: string;
  readonly extensions?: Record<string, unknown>;
}

/**
 * Starts the flights example on a free port, or one part of it. `env` is added to an environment that has only PATH and
 * HOME.
 */
export function startFlights(
  dataDir: string,
  env: Readonly<Record<string, string>> = {},
  role = 'all',
): Promise<AsofProcess> {
  return startProcess(['dist/examples/flights/main.js', role], dataDir, env);
}

/** `asof serve` of a definitions file, in the same way. */
export function startServe(
  definitions: string,
  dataDir: string,
  env: Record<string, string> = {},
): Promise<AsofProcess> {
  return startProcess(['dist/cli/main.js', 'serve', '--definitions', definitions], dataDir, env);
}

/** `asof serve` of one part, with a definitions file where it applies one. */
export function startRole(
  role: string,
  dataDir: string,
  env: Readonly<Record<string, string>>,
  definitions: string | null = null,
): Promise<AsofProcess> {
  const applied = definitions === null ? [] : ['--definitions', definitions];
  return startProcess(['dist/cli/main.js', 'serve', role, ...applied], dataDir, env);
}

/** It may have to wait for servers, and share the machine with many others that start. */
const startMillis = 150_000;

async function startProcess(
  args: string[],
  dataDir: string,
  env: Readonly<Record<string, string>>,
): Promise<AsofProcess> {
  const startedAt = Date.now();
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH ?? '', HOME: dataDir, ASOF_DATA_DIR: dataDir, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (text) => (output += text));
  child.stderr.on('data', (text) => (output += text));
  const exited = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.once('exit', (code, signal) => resolve(signal ?? code)),
  );
  const memory = watchMemory(child);
  const url = await waitFor(
    () => /http:\/\/(?:localhost|127\.0\.0\.\d):(\d+)/.exec(output)?.[0],
    startMillis,
    child,
    () => output,
  ).catch((error: unknown) => {
    // Nobody else knows of it.
    child.kill('SIGKILL');
    memory.stop();
    throw error;
  });
  const execute: AsofProcess['execute'] = async (query, variables) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as { data?: unknown; errors?: GraphQlError[] };
  };
  return {
    url,
    pid: child.pid!,
    startedAt,
    output: () => output,
    execute,
    async query<Data>(query: string, variables?: Record<string, unknown>): Promise<Data> {
      const { data, errors } = await execute(query, variables);
      if (errors !== undefined) throw new Error(`${errors.map(({ message }) => message).join('; ')} in ${query}`);
      return data as Data;
    },
    websocket: () => createClient({ url: `${url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket }),
    async ready(timeoutMillis) {
      await waitFor(
        async () => ((await fetch(`${url}/readyz`)).status === 200 ? true : undefined),
        timeoutMillis,
        child,
        () => output,
      );
    },
    async stop(signal = 'SIGINT') {
      child.kill(signal);
      const result = await exited;
      memory.stop();
      return result;
    },
    peakMemoryBytes: memory.peak,
  };
}

/** Polls until `probe` gives a value; fails when the process ended or the time is over. */
export async function waitFor<T>(
  probe: () => T | undefined | Promise<T | undefined>,
  timeoutMillis: number,
  child?: ChildProcess,
  output: () => string = () => '',
): Promise<T> {
  const deadline = Date.now() + timeoutMillis;
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    if (child !== undefined && (child.exitCode !== null || child.signalCode !== null)) {
      throw new Error(`the process ended with ${child.exitCode ?? child.signalCode}:\n${output()}`);
    }
    if (Date.now() > deadline) throw new Error(`nothing after ${timeoutMillis} ms:\n${output()}`);
    await delay(50);
  }
}

function watchMemory(child: ChildProcess): { peak: () => number; stop: () => void } {
  let peak = 0;
  const timer = setInterval(() => {
    if (child.pid !== undefined) peak = Math.max(peak, proportionalSetSize(child.pid));
  }, 500);
  return { peak: () => peak, stop: () => clearInterval(timer) };
}

function proportionalSetSize(pid: number): number {
  const own = read(`/proc/${pid}/smaps_rollup`).match(/^Pss:\s+(\d+) kB/m);
  const children = childrenOf(pid).reduce((sum, child) => sum + proportionalSetSize(child), 0);
  return Number(own?.[1] ?? 0) * 1024 + children;
}

export function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      read(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
