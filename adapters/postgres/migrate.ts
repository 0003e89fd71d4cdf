import { createHash } from 'node:crypto';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { Migration } from './migrations.ts';
import type { SqlClient, SqlConnection } from './sql-client.ts';

/** Any number that nothing else in the database locks. */
const advisoryLock = 0x0a50f;

interface AppliedMigration {
  readonly id: number;
  readonly name: string;
  readonly checksum: string;
}

/**
 * Brings the schema `asof` up to date, in one transaction that one process at a time can run. Throws CONFLICT when the
 * database was made by a newer program, CORRUPT when a step that it has taken differs from ours.
 */
export async function migrate(client: SqlClient, migrations: readonly Migration[]): Promise<void> {
  await client.transaction(async (connection) => {
    await connection.query('SELECT pg_advisory_xact_lock($1)', [advisoryLock]);
    // IF NOT EXISTS would ask for rights that a user who only works with the tables lacks.
    if (!(await isThere(connection, schema))) await connection.execute('CREATE SCHEMA asof');
    const pending = await pendingMigrations(connection, migrations);
    if (!(await isThere(connection, steps))) await connection.execute(bookkeeping);
    for (const migration of pending) {
      await connection.execute(migration.sql);
      await connection.query('INSERT INTO asof.schema_migrations (id, name, checksum) VALUES ($1, $2, $3)', [
        migration.id,
        migration.name,
        checksumOf(migration),
      ]);
    }
  });
}

/** What the database lacks; throws as `migrate` does where it is not ours to bring up to date. */
export async function pendingMigrations(
  connection: SqlConnection,
  migrations: readonly Migration[],
): Promise<readonly Migration[]> {
  if (!(await isThere(connection, steps))) return migrations;
  const applied = await connection.query<AppliedMigration>(
    'SELECT id, name, checksum FROM asof.schema_migrations ORDER BY id',
  );
  for (const step of applied) checkStep(step, migrations);
  const newest = applied.at(-1)?.id ?? 0;
  return migrations.filter(({ id }) => id > newest);
}

const schema = `to_regnamespace('asof')`;
const steps = `to_regclass('asof.schema_migrations')`;

const bookkeeping = `
  CREATE TABLE asof.schema_migrations (
    id integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
  );
`;

async function isThere(connection: SqlConnection, looked: string): Promise<boolean> {
  const [row] = await connection.query<{ there: boolean }>(`SELECT ${looked} IS NOT NULL AS there`);
  return row!.there;
}

function checkStep(step: AppliedMigration, migrations: readonly Migration[]): void {
  const ours = migrations.find(({ id }) => id === step.id);
  if (ours === undefined) {
    throw new AsofError('CONFLICT', 'the registry’s database was made by a newer version of asof', {
      path: `asof.schema_migrations.${step.id}`,
      expected: `at most migration ${migrations.at(-1)?.id ?? 0}`,
      got: `migration ${step.id} (${step.name})`,
      remedy: 'Upgrade asof on this machine',
    });
  }
  if (checksumOf(ours) !== step.checksum) {
    throw new AsofError('CORRUPT', 'the registry’s schema is not the one this program knows', {
      path: `asof.schema_migrations.${step.id}`,
      expected: `checksum ${checksumOf(ours)}`,
      got: `checksum ${step.checksum}`,
      remedy: 'Use the build of asof that made the database, or restore it from a backup',
    });
  }
}

/** Of the statements, not of how they are indented. */
function checksumOf({ sql }: Migration): string {
  return createHash('sha256').update(sql.replaceAll(/\s+/g, ' ').trim()).digest('hex').slice(0, 16);
}
