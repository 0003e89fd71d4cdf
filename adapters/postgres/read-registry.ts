import type { RegistrySnapshot } from '../../core/ports/registry-store.ts';
import { pendingMigrations } from './migrate.ts';
import { migrations } from './migrations.ts';
import { createPostgresClient, type PostgresRegistryOptions } from './registry-store.ts';
import { readSnapshot } from './sql-registry-store.ts';

/** What is registered, without making or bringing up to date any table; null where the tables are not this release's. */
export async function readPostgresRegistry(
  options: Omit<PostgresRegistryOptions, 'clock'>,
): Promise<RegistrySnapshot | null> {
  await using client = createPostgresClient({ ...options, maxConnections: 1 });
  return client.transaction(async (connection) => {
    await connection.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    return (await pendingMigrations(connection, migrations)).length > 0 ? null : readSnapshot(connection);
  });
}
