import pg from 'pg';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { RegistryStore } from '../../core/ports/registry-store.ts';
import type { SqlClient, SqlConnection } from './sql-client.ts';
import { openSqlRegistry } from './sql-registry-store.ts';

export interface PostgresRegistryOptions {
  /** `postgres://user:password@host:port/database` */
  readonly url: string;
  readonly clock: SystemClock;
  /** Default 5. */
  readonly maxConnections?: number;
}

/** How often the revision is looked at besides the notifications: half of the second that `watch` promises. */
const pollMillis = 500;

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

function createPostgresClient({ url, maxConnections = 5 }: PostgresRegistryOptions): SqlClient {
  const connectionString = checkUrl(url);
  const place = describePlace(connectionString);
  const pool = new pg.Pool({ connectionString, max: maxConnections, connectionTimeoutMillis: 5_000 });
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
    listen: async (channel, onPayload, onLost) => {
      const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000 });
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

function checkUrl(url: string): string {
  if (URL.canParse(url) && /^postgres(ql)?:$/.test(new URL(url).protocol)) return url;
  throw new AsofError('BAD_INPUT', 'the registry’s URL is not PostgreSQL’s', {
    path: 'DATABASE_URL',
    expected: 'postgres://user:password@host:port/database',
    got: 'another form (not shown, it may hold a password)',
    remedy: 'Set DATABASE_URL, or leave it out to keep the registry in the data folder',
  });
}

/** Where, without who: an error must not show a password. */
function describePlace(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

/** SQLSTATE classes 08 (connection), 53 (resources) and 57P (shutdown), and what Node says of sockets. */
function throwAs(error: unknown, place: string): never {
  if (error instanceof AsofError || !(error instanceof Error)) throw error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const isAway =
    /^(08|53|57P)/.test(code) || /^E[A-Z]+$/.test(code) || /terminated|timeout|not queryable/i.test(error.message);
  const details = { path: place, got: `${error.message}${code === '' ? '' : ` (${code})`}` };
  if (isAway) {
    const remedy = 'Start PostgreSQL, or correct DATABASE_URL; what was asked for can be tried again';
    throw new AsofError('UNAVAILABLE', 'PostgreSQL does not answer', { ...details, remedy }, { cause: error });
  }
  if (/^(28|3D|42501)/.test(code)) {
    const remedy = 'Correct user, password and database in DATABASE_URL; the user must be allowed to create a schema';
    throw new AsofError('UNAVAILABLE', 'PostgreSQL refuses us', { ...details, remedy }, { cause: error });
  }
  throw new AsofError('INTERNAL', 'PostgreSQL could not run a statement', details, { cause: error });
}
