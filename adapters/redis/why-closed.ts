import type { Redis } from 'ioredis';

/*
 * Of a cluster or Sentinels that cannot be reached ioredis tells no more than that connections were closed, or nothing at all.
 * One of them that is asked alone says why; null = it finds nothing wrong. The clients are of that one alone, not connected
 * yet and never again.
 */

export async function whyNodeClosed(node: Redis): Promise<Error | null> {
  return asking(node, async () => {
    await node.cluster('SLOTS');
    await node.cluster('INFO');
  });
}

/** What it says begins with `Sentinel`, since other access holds for them than for the master. */
export async function whySentinelClosed(sentinel: Redis, master: string): Promise<Error | null> {
  const error = await asking(sentinel, async () => {
    const address = await sentinel.call('SENTINEL', 'get-master-addr-by-name', master);
    if (address === null) throw new Error(`it knows no master ${master}`);
  });
  if (error === null) return null;
  const { host, port } = sentinel.options;
  return new Error(`Sentinel ${host}:${port}: ${error.message}`, { cause: error });
}

async function asking(client: Redis, ask: () => Promise<void>): Promise<Error | null> {
  let said: Error | null = null;
  client.on('error', (error: Error) => {
    said ??= error;
  });
  try {
    await client.connect();
    await ask();
    return null;
  } catch (error) {
    return said ?? (error as Error);
  } finally {
    client.disconnect();
  }
}
