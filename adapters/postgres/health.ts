import { findingsOf } from '../../core/health/findings.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { Finding, HealthCheck } from '../../core/ports/health-check.ts';
import { pendingMigrations } from './migrate.ts';
import { migrations } from './migrations.ts';
import { createPostgresClient, type PostgresRegistryOptions } from './registry-store.ts';
import type { SqlClient } from './sql-client.ts';

const oldestVersion = 150_000;
const toleratedSkewMillis = 2_000;
const notifyMillis = 2_000;
/** A process takes five and one to listen. */
const enoughConnections = 6;

const { ok, holds, warn, fail, failed } = findingsOf('PostgreSQL');

/** Looks at the registry's server and at what our user may do there; makes and changes no table. */
export function postgresHealth(options: PostgresRegistryOptions): HealthCheck {
  return {
    service: 'PostgreSQL',
    async *checks() {
      let client: SqlClient | null = null;
      try {
        client = createPostgresClient({ ...options, maxConnections: 2 });
        yield* server(client, options.clock);
        yield* rights(client);
        yield await notifications(client, options.clock);
      } catch (error) {
        yield failed('connection', error);
      } finally {
        await client?.[Symbol.asyncDispose]();
      }
    },
  };
}

interface ServerFacts {
  readonly number: number;
  readonly version: string;
  readonly encoding: string;
  readonly zone: string;
  readonly at: number;
  readonly replica: boolean;
  readonly readOnly: string;
  readonly fsync: string;
  readonly commit: string;
  readonly free: number;
  readonly tls: boolean;
}

async function* server(client: SqlClient, clock: SystemClock): AsyncIterable<Finding> {
  const asked = clock.nowMillis();
  const [facts] = await client.query<ServerFacts>(`
    SELECT current_setting('server_version_num')::int4 AS number, current_setting('server_version') AS version,
      current_setting('server_encoding') AS encoding, current_setting('TimeZone') AS zone,
      extract(epoch FROM clock_timestamp())::float8 * 1000 AS at, pg_is_in_recovery() AS replica,
      current_setting('transaction_read_only') AS "readOnly", current_setting('fsync') AS fsync,
      current_setting('synchronous_commit') AS commit,
      current_setting('max_connections')::int4 - (SELECT count(*) FROM pg_stat_activity)::int4 AS free,
      coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS tls`);
  const answered = clock.nowMillis();
  const { number, version, encoding, zone, at, replica, readOnly, fsync, commit, free, tls } = facts!;
  yield ok('connection', tls ? 'over TLS' : 'in plain text');
  yield holds(number >= oldestVersion, 'fail', {
    what: 'version',
    expected: '15 or newer',
    got: version,
    remedy: 'Upgrade PostgreSQL, or name another in DATABASE_URL',
  });
  yield holds(!replica && readOnly === 'off', 'fail', {
    what: 'writable',
    expected: 'a primary that takes writes',
    got: replica ? 'a replica' : `transaction_read_only ${readOnly}`,
    remedy: 'Name the primary in DATABASE_URL',
  });
  yield holds(encoding === 'UTF8', 'fail', {
    what: 'encoding of the database',
    expected: 'UTF8',
    got: encoding,
    remedy: `Make the database anew: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0`,
  });
  yield ok('time zone', `${zone}; of no consequence, instants are kept in UTC`);
  const skew = Math.max(0, asked - at, at - answered);
  yield holds(skew <= toleratedSkewMillis, 'warn', {
    what: 'clock',
    expected: `within ${toleratedSkewMillis} ms of this machine's`,
    got: `${Math.round(skew)} ms apart`,
    remedy: 'Set the clocks of both machines (NTP)',
  });
  yield holds(fsync === 'on' && commit !== 'off', 'warn', {
    what: 'durability',
    expected: 'fsync on, synchronous_commit not off',
    got: `fsync ${fsync}, synchronous_commit ${commit}`,
    remedy: 'Switch them on: what was confirmed is lost with the power otherwise',
  });
  yield holds(free >= enoughConnections, 'warn', {
    what: 'free connections',
    expected: `at least ${enoughConnections} for each process`,
    got: String(free),
    remedy: 'Raise max_connections, or end what holds them',
  });
}

interface Rights {
  readonly role: string;
  readonly schema: boolean;
  readonly usable: boolean;
  readonly makeSchema: boolean;
  readonly makeTables: boolean;
}

interface TableRights {
  readonly table: string;
  readonly owned: boolean;
  readonly missing: readonly string[];
}

async function* rights(client: SqlClient): AsyncIterable<Finding> {
  const [found] = await client.query<Rights>(`
    SELECT current_user::text AS role, to_regnamespace('asof') IS NOT NULL AS schema,
      has_database_privilege(current_database(), 'CREATE') AS "makeSchema",
      coalesce(has_schema_privilege(to_regnamespace('asof'), 'USAGE'), false) AS usable,
      coalesce(has_schema_privilege(to_regnamespace('asof'), 'CREATE'), false) AS "makeTables"`);
  const { role, schema, usable, makeSchema, makeTables } = found!;
  const remedy = `As its owner: CREATE SCHEMA asof AUTHORIZATION "${role}"; or see docs/operations.md`;
  if (!schema) {
    yield holds(makeSchema, 'fail', {
      what: 'schema',
      expected: `the schema asof, or the right of ${role} to make it`,
      got: makeSchema ? 'made at the first start' : 'neither',
      remedy,
    });
    return;
  }
  if (!usable) {
    const grant = `GRANT USAGE ON SCHEMA asof TO "${role}", and see docs/operations.md`;
    yield fail({ what: `rights of ${role}`, expected: 'to use the schema asof', got: 'none', remedy: grant });
    return;
  }
  const pending = await pendingMigrations(client, migrations);
  const names = pending.map(({ name }) => name).join(', ');
  yield holds(pending.length === 0 || makeTables, 'fail', {
    what: 'tables',
    expected: `all of this release, or the right of ${role} to make them`,
    got: pending.length === 0 ? 'up to date' : `missing, made at the next start: ${names}`,
    remedy: 'Start this release once with the schema’s owner in DATABASE_URL',
  });
  const tables = await client.query<TableRights>(`
    SELECT c.relname::text AS table, pg_has_role(c.relowner, 'USAGE') AS owned,
      ARRAY(SELECT p FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS p
        WHERE NOT has_table_privilege(c.oid, p)) AS missing
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'asof' AND c.relkind = 'r' ORDER BY 1`);
  const poor = tables.filter(({ missing }) => missing.length > 0);
  if (poor.length > 0) {
    yield fail({
      what: `rights of ${role}`,
      expected: 'SELECT, INSERT, UPDATE and DELETE on all tables of asof',
      got: poor.map(({ table, missing }) => `none to ${missing.join(', ')} on ${table}`).join('; '),
      remedy: `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA asof TO "${role}"`,
    });
  } else {
    const mayAlter = makeTables && tables.every(({ owned }) => owned);
    yield ok(`rights of ${role}`, mayAlter ? 'to use and to alter the tables' : 'to use the tables, not to alter them');
  }
}

/** Through a pooler in transaction mode LISTEN is accepted, and nothing ever comes. */
async function notifications(client: SqlClient, clock: SystemClock): Promise<Finding> {
  const channel = 'asof_doctor';
  const heard = new AbortController();
  try {
    const stop = await client.listen(
      channel,
      () => heard.abort(),
      () => {},
    );
    await client.query('SELECT pg_notify($1, $2)', [channel, 'x']);
    await clock.sleep(notifyMillis, heard.signal).catch(() => {});
    await stop();
  } catch (error) {
    return failed('LISTEN and NOTIFY', error, 'warn');
  }
  if (heard.signal.aborted) return ok('LISTEN and NOTIFY', 'heard');
  return warn({
    what: 'LISTEN and NOTIFY',
    expected: 'a notification to arrive',
    got: `none in ${notifyMillis} ms`,
    remedy: 'Connect to PostgreSQL itself, or to a pooler in session mode; until then changes are found by looking',
  });
}
