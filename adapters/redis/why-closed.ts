import type { Redis } from 'ioredis';

/**
 * Of a cluster that cannot be opened ioredis tells no more than that connections were closed, or nothing at all. A node that
 * is asked alone says why; null = it finds nothing wrong.
 *
 * @param client of one node, not connected yet and never again
 */
export async function whyClosed(client: Redis): Promise<Error | null> {
  let said: Error | null = null;
  client.on('error', (error: Error) => {
    said ??= error;
  });
  try {
    await client.connect();
    await client.cluster('SLOTS');
    await client.cluster('INFO');
    return null;
  } catch (error) {
    return said ?? (error as Error);
  } finally {
    client.disconnect();
  }
}
