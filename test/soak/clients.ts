import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { seeded } from '../exactly-once/seeded.ts';

export interface Reads {
  /** Per minute since the start, the latencies in milliseconds. */
  readonly millisOf: readonly (readonly number[])[];
  readonly failures: readonly string[];
  stop(): Promise<void>;
}

const usersPerRead = 5;
/** Who is read of, and whose events the producer sends: bounded, so that what is kept of each is soon kept of all. */
export const users = 1_000;
const query = `query($users: [String!]!) { users(userId: $users) {
  userId
  userOrders { ordersEver spentEver meta { status } }
  userProfile { points }
} }`;

/** As an application's pool: `fetch` would open a connection for each read that is under way. */
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

async function read(url: string, random: () => number): Promise<void> {
  const asked = Array.from({ length: usersPerRead }, () => `u${Math.floor(random() * users)}`);
  const body = JSON.stringify({ query, variables: { users: asked } });
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const asking = request(`${url}/graphql`, { agent, method: 'POST', headers }).end(body);
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  const { data, errors } = (await json(response)) as { data?: object; errors?: object[] };
  if (!data || errors !== undefined) throw new Error(JSON.stringify(errors));
}

/** Reads that are due at fixed times, whether or not those before are answered: a slow server is waited for by all. */
export function readSteadily(url: string, perSecond: number, seed: number): Reads {
  const random = seeded(seed);
  const millisOf: number[][] = [];
  const failures: string[] = [];
  const open = new Set<Promise<void>>();
  let isStopping = false;

  async function run(): Promise<void> {
    const began = Date.now();
    for (let count = 0; !isStopping; count++) {
      const due = began + (count * 1_000) / perSecond;
      // A timer takes a millisecond at least: whatever is due by now is sent without one.
      const ahead = due - Date.now();
      if (ahead > 0) await delay(ahead);
      const minute = Math.floor((due - began) / 60_000);
      millisOf[minute] ??= [];
      const reading = read(url, random).then(
        () => void millisOf[minute]!.push(Date.now() - due),
        (error: unknown) => void failures.push(String(error)),
      );
      open.add(reading);
      void reading.finally(() => open.delete(reading));
    }
    await Promise.all(open);
  }
  const running = run();
  return {
    millisOf,
    failures,
    async stop() {
      isStopping = true;
      await running;
    },
  };
}

/** How many reads a second so many clients get, each of whom asks again as soon as it is answered. */
export async function greatestRate(url: string, clients: number, millis: number, seed: number): Promise<number> {
  const random = seeded(seed);
  const until = Date.now() + millis;
  let count = 0;
  const ask = async (): Promise<void> => {
    for (; Date.now() < until; count++) await read(url, random);
  };
  await Promise.all(Array.from({ length: clients }, ask));
  return (count * 1_000) / millis;
}

export interface Visitors {
  /** Updates that they heard of. */
  readonly heard: number;
  readonly visits: number;
  stop(): Promise<void>;
}

/** Subscribers who come, stay for some seconds, and go. */
export function visit(url: string, atOnce: number, seed: number): Visitors {
  const random = seeded(seed);
  let [heard, visits, isStopping] = [0, 0, false];
  const one = async (): Promise<void> => {
    while (!isStopping) {
      const client = createClient({
        url: `${url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        retryAttempts: 5,
      });
      const keys = Array.from({ length: 20 }, () => `u${Math.floor(random() * users)}`);
      client.subscribe(
        {
          query:
            'subscription($keys: [String!]!) { userChanged(userId: $keys, initial: true) { userId userOrders { ordersEver } } }',
          variables: { keys },
        },
        { next: () => heard++, error: () => {}, complete: () => {} },
      );
      visits++;
      for (let left = 2_000 + random() * 10_000; left > 0 && !isStopping; left -= 250) await delay(250);
      await client.dispose();
    }
  };
  const running = Array.from({ length: atOnce }, one);
  return {
    get heard() {
      return heard;
    },
    get visits() {
      return visits;
    },
    async stop() {
      isStopping = true;
      await Promise.all(running);
    },
  };
}
