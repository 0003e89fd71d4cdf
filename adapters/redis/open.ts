import { Cluster, Redis } from 'ioredis';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { OnlineStore } from '../../core/ports/online-store.ts';
import { createDeadline } from '../../core/time/deadline.ts';
import { parseRedisUrl, type RedisAddress } from './address.ts';
import type { RedisEvents } from './asker.ts';
import { clusterServers } from './cluster-servers.ts';
import { createRedisOnlineStore, type RedisDeadlines } from './online-store.ts';
import { asofErrorOf } from './redis-error.ts';
import { type RedisServers, singleServer } from './servers.ts';
import { followTopology } from './topology.ts';
import { whyNodeClosed, whySentinelClosed } from './why-closed.ts';

export interface RedisConnectionOptions {
  /** As address.ts describes it. */
  readonly url: string;
  /** PEM of the authorities that may have signed the servers' certificates; default: those that Node trusts. */
  readonly ca?: string;
  /** Of the Sentinels, where they ask for one. */
  readonly sentinelPassword?: string;
  readonly clock: SystemClock;
}

export interface RedisOnlineStoreOptions extends RedisConnectionOptions {
  readonly deadlines?: Partial<RedisDeadlines>;
  readonly events?: RedisEvents;
}

const openMillis = 10_000;

interface Connection {
  readonly client: Redis | Cluster;
  readonly servers: RedisServers;
  /** For messages. */
  readonly name: string;
  /** Why it cannot be opened, where the client does not say it; null = nobody knows. */
  readonly why: () => Promise<Error | null>;
}

/** The online store on Redis; closing it closes its connections. Throws UNAVAILABLE when nobody answers. */
export async function openRedisOnlineStore(options: RedisOnlineStoreOptions): Promise<OnlineStore> {
  const address = parseRedisUrl(options.url);
  const stack: Opened[] = [];
  const closeAll = async (): Promise<void> => {
    for (const { close } of stack) await close();
  };
  try {
    const reading = await connectRedis(address, options);
    stack.push(reading);
    let writers = reading.servers;
    if (reading.servers.failsOver) {
      // A write that waits for a replica holds up what comes after it on its connection.
      const writing = await connectRedis(address, options);
      stack.push(writing);
      writers = writing.servers;
    }
    const store = createRedisOnlineStore({ ...options, servers: reading.servers, writers });
    return {
      ...store,
      [Symbol.asyncDispose]: async () => {
        await store[Symbol.asyncDispose]();
        await closeAll();
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

export interface Opened {
  readonly client: Redis | Cluster;
  readonly servers: RedisServers;
  /** When what was asked is answered. */
  close(): Promise<void>;
  /** At once. */
  cut(): void;
}

/** One connection, or one to each node. Throws UNAVAILABLE when nobody answers. */
export async function connectRedis(address: RedisAddress, options: RedisConnectionOptions): Promise<Opened> {
  let isOpen = false;
  const { client, servers, name, why } = connect(address, options, () => isOpen);
  let lastError: Error | null = null;
  // Said again, to the caller, by the command that fails.
  client.on('error', (error: Error) => {
    lastError = error;
  });
  const deadline = createDeadline(options.clock, openMillis);
  try {
    // What `connect` of a cluster returns never settles when the cluster is down at first and ready afterwards.
    const ready = new Promise<void>((resolve) => client.once('ready', resolve));
    isOpen = await deadline.within(Promise.race([client.connect(), ready]));
    if (!isOpen) throw new Error(`no answer in ${openMillis} ms`);
  } catch (error) {
    client.disconnect();
    throw asofErrorOf(name, (await why()) ?? lastError ?? (error as Error));
  } finally {
    deadline.close();
  }
  const over = new AbortController();
  if (client instanceof Cluster) void followTopology(client, options.clock, over.signal);
  const cut = (): void => {
    over.abort();
    client.disconnect();
  };
  return {
    client,
    servers,
    cut,
    close: async () => {
      over.abort();
      const isOver = await client.quit().then(
        () => true,
        () => false,
      );
      // After `quit` ioredis keeps what listens to the Sentinels. A cluster that was cut after it would refuse nothing.
      if (!isOver || client instanceof Redis) cut();
    },
  };
}

function connect(
  address: RedisAddress,
  { ca, sentinelPassword }: RedisConnectionOptions,
  wasOpen: () => boolean,
): Connection {
  const tls = address.tls ? { tls: ca === undefined ? {} : { ca } } : {};
  const access = {
    ...(address.username !== null && { username: address.username }),
    ...(address.password !== null && { password: address.password }),
    ...tls,
    connectTimeout: 5_000,
    maxRetriesPerRequest: 1,
    // Where a server may be replaced, what was under way when its connection broke is not repeated on another one.
    autoResendUnfulfilledCommands: address.kind === 'single',
  };
  if (address.kind === 'cluster') {
    const client = new Cluster([...address.hosts], {
      lazyConnect: true,
      redisOptions: access,
      clusterRetryStrategy: reconnectMillis,
    });
    const name = address.hosts.map(hostText).join(',');
    const node = () => new Redis({ ...access, ...address.hosts[0]!, ...alone });
    return { client, servers: clusterServers(client), name, why: () => whyNodeClosed(node()) };
  }
  const options = { ...access, db: address.database, lazyConnect: true, retryStrategy: reconnectMillis };
  if (address.kind === 'single') {
    const client = new Redis({ ...options, ...address.host });
    const name = hostText(address.host);
    return { client, servers: singleServer(name, client), name, why: notKnown };
  }
  const client = new Redis({
    ...options,
    sentinels: [...address.hosts],
    name: address.master,
    ...(sentinelPassword !== undefined && { sentinelPassword }),
    ...(address.tls && { enableTLSForSentinelMode: true, ...(ca !== undefined && { sentinelTLS: { ca } }) }),
    // Who cannot be asked at the start is named at once; afterwards they are asked again and again.
    sentinelRetryStrategy: (attempt: number) => (wasOpen() ? reconnectMillis(attempt) : null),
    // A master that became a replica: the connection is made anew, to whom the Sentinels name now.
    reconnectOnError: ({ message }: Error) => (message.startsWith('READONLY') ? 2 : false),
    failoverDetector: true,
  });
  const { connectTimeout } = access;
  const password = sentinelPassword === undefined ? {} : { password: sentinelPassword };
  const sentinel = () => new Redis({ ...address.hosts[0]!, ...tls, ...password, connectTimeout, ...alone });
  return {
    client,
    servers: singleServer(address.master, client, true),
    name: address.master,
    why: () => whySentinelClosed(sentinel(), address.master),
  };
}

/** Of a client that is to say at once what is wrong with one server. */
const alone = { lazyConnect: true, enableReadyCheck: false, retryStrategy: () => null };

async function notKnown(): Promise<null> {
  return null;
}

/** The one reconnect policy: at once, then twice as long each time, at most 2 s. */
function reconnectMillis(attempt: number): number {
  return Math.min(25 * 2 ** attempt, 2_000);
}

function hostText({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host}:${port}`;
}
