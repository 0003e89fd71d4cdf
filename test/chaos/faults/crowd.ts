import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

/** Many subscribers, each to the features of one user, who connect again whenever they are cut off. */
export interface Crowd extends AsyncDisposable {
  /** What they have heard so far counts no more. */
  forget(): void;
  /** How many have heard nothing since. */
  deaf(): number;
  /** The users whose subscribers these are. */
  unheard(): readonly string[];
  /** What no subscriber should ever hear. */
  readonly wrong: readonly string[];
  /** For messages: the last errors of their connections. */
  told(): string;
}

const query = 'subscription($user: String!) { userChanged(userId: [$user]) { userId userOrders { ordersEver } } }';

interface Changed {
  readonly userChanged: { readonly userId: string; readonly userOrders: { readonly ordersEver: number } | null };
}

export async function openCrowd(
  url: () => string,
  of: { readonly sockets: number; readonly perSocket: number; readonly names: readonly string[] },
): Promise<Crowd> {
  const wrong: string[] = [];
  const errors: string[] = [];
  const newest = new Map<number, number>();
  let heard = new Set<number>();
  const clients: Client[] = [];
  const subscribers = Array.from({ length: of.sockets * of.perSocket }, (_, subscriber) => subscriber);
  const userOf = (subscriber: number): string => of.names[subscriber % of.names.length]!;
  for (let socket = 0; socket < of.sockets; socket++) {
    const client = createClient({
      url: () => `${url().replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 1_000,
      shouldRetry: () => true,
      on: { closed: (event) => void errors.push(`closed ${(event as { code?: number }).code}`) },
    });
    clients.push(client);
    for (let place = 0; place < of.perSocket; place++) {
      const subscriber = socket * of.perSocket + place;
      const user = userOf(subscriber);
      const subscribe = (): void => {
        client.subscribe<Changed>(
          { query, variables: { user } },
          {
            next({ data, errors: failures }) {
              if (failures !== undefined || !data) {
                errors.push(JSON.stringify(failures));
                return;
              }
              heard.add(subscriber);
              const { userId, userOrders } = data.userChanged;
              const orders = userOrders?.ordersEver ?? -1;
              const before = newest.get(subscriber) ?? 0;
              if (userId !== user) wrong.push(`${user} hears of ${userId}`);
              if (orders < before) wrong.push(`${user}: ${orders} orders after ${before}`);
              newest.set(subscriber, orders);
            },
            // Refused, as while the gateway starts: like any client, it asks again.
            error(failure) {
              errors.push(String(failure instanceof Error ? failure.message : JSON.stringify(failure)));
              setTimeout(subscribe, 1_000);
            },
            complete: () => {},
          },
        );
      };
      subscribe();
    }
  }
  return {
    wrong,
    forget() {
      heard = new Set();
    },
    deaf: () => of.sockets * of.perSocket - heard.size,
    unheard: () => [...new Set(subscribers.filter((one) => !heard.has(one)).map(userOf))],
    told: () => [...new Set(errors.slice(-1_000))].slice(-5).join('; '),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(clients.map((client) => client.dispose()));
    },
  };
}
