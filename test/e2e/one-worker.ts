import { readFileSync } from 'node:fs';
import { Client } from 'undici';

/** One connection, which one worker has for good. */
export interface OneWorker extends AsyncDisposable {
  readonly worker: number;
  readonly pid: number;
  text(path: string): Promise<string>;
  execute(
    query: string,
    variables?: Record<string, unknown>,
  ): Promise<{ data?: unknown; errors?: { message: string }[] }>;
}

async function connect(url: string, token: string | null): Promise<OneWorker> {
  const client = new Client(url);
  const headers = { 'content-type': 'application/json', ...(token !== null && { authorization: `Bearer ${token}` }) };
  const text = async (path: string) => (await client.request({ path, method: 'GET', headers })).body.text();
  const { worker, pid } = JSON.parse(await text('/healthz')) as { worker: number; pid: number };
  return {
    worker,
    pid,
    text,
    async execute(query, variables) {
      const body = JSON.stringify({ query, variables });
      const answer = await client.request({ path: '/graphql', method: 'POST', headers, body });
      return (await answer.body.json()) as { data?: unknown; errors?: { message: string }[] };
    },
    [Symbol.asyncDispose]: () => client.destroy(),
  };
}

/** A connection to each of the workers that share the address, in the order of their numbers. */
export async function eachWorker(url: string, count: number, token: string | null = null): Promise<OneWorker[]> {
  const found = new Map<number, OneWorker>();
  for (let attempt = 0; found.size < count; attempt++) {
    if (attempt > 20 * count) throw new Error(`only the workers ${[...found.keys()]} answer`);
    const one = await connect(url, token);
    if (found.has(one.worker)) await one[Symbol.asyncDispose]();
    else found.set(one.worker, one);
  }
  return [...found.values()].sort((a, b) => a.worker - b.worker);
}

/** Whether there is such a process; one that has ended and that nobody has asked about is none. */
export function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return false;
  }
}
