import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { Sent } from './producer.ts';

/** A subscriber who goes on from the last cursor whenever the subscription ends. */
export interface Listener {
  /** Whether it has heard anything ever: only then has it a cursor to go on from. */
  hasBegun(): boolean;
  /** Forgets what was heard so far; who orders from now on has to be heard of. */
  begin(): void;
  /** Users who have ordered since, and of whom nothing was heard; none where it was told that some were left out. */
  unheard(): readonly string[];
  /** The longest time without an update since `begin`, in milliseconds. */
  longestSilenceMillis(): number;
  /** How often it was told that updates were left out. */
  lagged(): number;
  stop(): Promise<void>;
}

const pauseMillis = 250;
const query = `subscription($after: String) {
  featureUpdates(views: ["user_orders"], after: $after) { keys cursor lagged }
}`;

interface Result {
  readonly data?: { readonly featureUpdates: Update } | null | undefined;
  readonly errors?: readonly object[] | undefined;
}

interface Update {
  readonly keys: readonly (readonly string[])[];
  readonly cursor: string;
  readonly lagged: boolean;
}

export function startListener(url: () => string, { ordersOf }: Sent): Listener {
  let heard = new Set<string>();
  let before = new Map<string, number>();
  let [lagged, silence, last, isStopping] = [0, 0, Date.now(), false];
  let cursor: string | null = null;
  let leave = (): void => {};

  const take = ({ keys, lagged: isLagged }: Update): void => {
    silence = Math.max(silence, Date.now() - last);
    last = Date.now();
    if (isLagged) lagged++;
    for (const [user] of keys) heard.add(user!);
  };

  async function run(): Promise<void> {
    while (!isStopping) {
      const address = `${url().replace('http', 'ws')}/graphql`;
      const client = createClient({ url: address, webSocketImpl: WebSocket, retryAttempts: 0 });
      leave = () => void client.dispose();
      const results: AsyncIterable<Result> = client.iterate({ query, variables: { after: cursor } });
      try {
        for await (const { data } of results) {
          if (!data) break;
          take(data.featureUpdates);
          cursor = data.featureUpdates.cursor;
        }
      } catch {
        // From the cursor on.
      }
      await client.dispose();
      await delay(pauseMillis);
    }
  }
  const running = run();
  return {
    hasBegun: () => cursor !== null,
    begin() {
      [heard, lagged, silence, last] = [new Set(), 0, 0, Date.now()];
      before = new Map([...ordersOf].map(([user, orders]) => [user, orders.size]));
    },
    unheard: () =>
      lagged > 0
        ? []
        : [...ordersOf]
            .filter(([user, { size }]) => size > (before.get(user) ?? 0) && !heard.has(user))
            .map(([user]) => user),
    longestSilenceMillis: () => Math.max(silence, Date.now() - last),
    lagged: () => lagged,
    async stop() {
      isStopping = true;
      leave();
      await running;
    },
  };
}
