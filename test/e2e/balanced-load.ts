import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { Replica } from './replicas.ts';

/** Clients behind a load balancer that sends nobody to a process which says that it is not ready. */
export interface BalancedLoad {
  readonly answered: number;
  /** What became of each request that was not answered without errors. */
  readonly failures: readonly string[];
  /** What the subscriber heard, in order: keys of updates, and `lagged`. */
  readonly heard: readonly string[];
  stop(): Promise<void>;
}

const lookMillis = 100;
const clients = 4;
const pauseMillis = 5;

const query = `query($users: [String!]!) { users(userId: $users) { userOrders { ordersEver } userProfile { points } } }`;
const subscription = `subscription($after: String) {
  featureUpdates(views: ["user_orders"], after: $after) { keys cursor lagged }
}`;

interface Update {
  readonly keys: readonly (readonly string[])[];
  readonly cursor: string;
  readonly lagged: boolean;
}

interface Result {
  readonly data?: { readonly featureUpdates: Update } | null | undefined;
  readonly errors?: readonly object[] | undefined;
}

export async function startBalancedLoad(gateways: readonly Replica[]): Promise<BalancedLoad> {
  const failures: string[] = [];
  const heard: string[] = [];
  let ready: readonly Replica[] = gateways;
  let [answered, turn, isStopping] = [0, 0, false];
  const target = (): string => ready[turn++ % ready.length]!.url;

  async function balance(): Promise<void> {
    while (!isStopping) {
      const states = await Promise.all(gateways.map((gateway) => gateway.readiness()));
      const able = gateways.filter((_, index) => states[index]?.status === 200);
      if (able.length > 0) ready = able;
      await delay(lookMillis);
    }
  }

  async function ask(): Promise<void> {
    while (!isStopping) {
      const users = Array.from({ length: 5 }, () => `u${turn++ % 200}`);
      try {
        const response = await fetch(`${target()}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query, variables: { users } }),
        });
        const { data, errors } = (await response.json()) as { data?: object; errors?: object[] };
        if (response.status === 200 && data && errors === undefined) answered++;
        else failures.push(`status ${response.status}: ${JSON.stringify(errors)}`);
      } catch (error) {
        failures.push(`${error}: ${(error as Error).cause}`);
      }
      await delay(pauseMillis);
    }
  }

  /** Subscribes anew from its last cursor whenever a subscription ends, as a client has to. */
  async function listen(): Promise<void> {
    let cursor: string | null = null;
    while (!isStopping) {
      const client = createClient({
        url: () => `${target().replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        retryAttempts: 0,
      });
      const results: AsyncIterable<Result> = client.iterate({
        query: subscription,
        variables: { after: cursor },
      });
      leave = () => void client.dispose();
      try {
        for await (const { data, errors } of results) {
          if (errors !== undefined || !data) break;
          const update: Update = data.featureUpdates;
          if (update.lagged) heard.push('lagged');
          heard.push(...update.keys.map(([user]) => user!));
          cursor = update.cursor;
        }
      } catch {
        // The socket closed: from the cursor on.
      }
      await client.dispose();
      await delay(lookMillis);
    }
  }
  let leave = (): void => {};
  const running = [balance(), listen(), ...Array.from({ length: clients }, ask)];
  return {
    get answered() {
      return answered;
    },
    failures,
    heard,
    async stop() {
      isStopping = true;
      leave();
      await Promise.all(running);
    },
  };
}
