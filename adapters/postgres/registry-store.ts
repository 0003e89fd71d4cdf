import pg from 'pg';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { RegistryStore } from '../../core/ports/registry-store.ts';
import { parsePostgresUrl } from './connection.ts';
import { throwAs } from './postgres-error.ts';
import type { SqlClient, SqlConnection } from './sql-client.ts';
import { openSqlRegistry } from './sql-registry-store.ts';

export interface PostgresRegistryOptions {
  /** As connection.ts describes it. */
  readonly url: string;
  /** PEM of the authorities that may have signed the server's certificate; switches TLS on. */
  readonly ca?: string;
  readonly clock: SystemClock;
  /** Default 5. */
  readonly maxConnections?: number;
}

/** How often the revision is looked at besides the notifications: half of the second that `watch` promises. */
const pollMillis = 500;

/** A connection whose server is gone without a word would be waited for until the operating system gives up. */
const queryMillis = 10_000;

/** Who holds a lock has to know soon that the server may have given it to others. */
const lockMillis = 3_000;

/** The registry in PostgreSQL 15 or newer, in its schema `asof`. Throws UNAVAILABLE when it cannot be reached. */
export async function openPostgresRegistry(options: PostgresRegistryOptions): Promise<RegistryStore> {
  const client = createPostgresClient(options);
  try {
    return await openSqlRegistry({ client, polling: { clock: options.clock, everyMillis: pollMillis } });
  } catch (error) {
    await client[Symbol.asyncDispose]();
    throw error;
  }
}

export function createPostgresClient({
  url,
  ca,
  maxConnections = 5,
}: Omit<PostgresRegistryOptions, 'clock'>): SqlClient {
  const { config, place } = parsePostgresUrl(url, ca ?? null);
  const pool = new pg.Pool({ ...config, max: maxConnections, query_timeout: queryMillis });
  // An idle connection that the server closed; the pool replaces it when one is needed.
  pool.on('error', () => {});
  const listeners = new Set<pg.Client>();

  const connectionOf = (client: pg.ClientBase | pg.Pool): SqlConnection => ({
    query: async (text, parameters = []) =>
      (await client.query(text, [...parameters]).catch((error: unknown) => throwAs(error, place))).rows,
    execute: async (script) => {
      await client.query(script).catch((error: unknown) => throwAs(error, place));
    },
  });

  return {
    name: 'postgres',
    ...connectionOf(pool),
    transaction: async (work) => {
      const client = await pool.connect().catch((error: unknown) => throwAs(error, place));
      const connection = connectionOf(client);
      let broken: Error | undefined;
      try {
        await connection.query('BEGIN');
        const result = await work(connection);
        await connection.query('COMMIT');
        return result;
      } catch (error) {
        await connection.query('ROLLBACK').catch((rollbackError: unknown) => {
          broken = rollbackError instanceof Error ? rollbackError : new Error(String(rollbackError));
        });
        throw error;
      } finally {
        client.release(broken);
      }
    },
    lock: async (number) => {
      const client = new pg.Client({ ...config, query_timeout: lockMillis });
      let isLost = false;
      const lose = (): void => {
        isLost = true;
      };
      client.on('error', lose);
      client.on('end', lose);
      const connection = connectionOf(client);
      const release = (): Promise<void> => client.end().catch(() => {});
      try {
        await client.connect();
        const [row] = await connection.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [
          number,
        ]);
        if (row?.locked !== true) {
          await release();
          return null;
        }
      } catch (error) {
        await release();
        return throwAs(error, place);
      }
      return {
        check: async () => {
          if (isLost) throwAs(new Error('the connection that held a lock is gone'), place);
          await connection.query('SELECT 1');
        },
        release,
      };
    },
    listen: async (channel, onPayload, onLost) => {
      const client = new pg.Client(config);
      listeners.add(client);
      const lose = (): void => {
        if (listeners.delete(client)) onLost();
      };
      client.on('error', lose);
      client.on('end', lose);
      client.on('notification', ({ payload }) => onPayload(payload ?? ''));
      try {
        await client.connect();
        await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
      } catch (error) {
        listeners.delete(client);
        await client.end().catch(() => {});
        throwAs(error, place);
      }
      return async () => {
        if (listeners.delete(client)) await client.end();
      };
    },
    [Symbol.asyncDispose]: async () => {
      const remaining = [...listeners];
      listeners.clear();
      await Promise.all(remaining.map((client) => client.end()));
      await pool.end();
    },
  };
}
