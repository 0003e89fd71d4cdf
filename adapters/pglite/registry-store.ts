import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { RegistryStore } from '../../core/ports/registry-store.ts';
import { type FolderLock, lockFolder } from '../files/lock-folder.ts';
import { replaceFileSync } from '../files/replace-file.ts';
import type { SqlClient } from '../postgres/sql-client.ts';
import { openSqlRegistry } from '../postgres/sql-registry-store.ts';

/**
 * The registry in a PostgreSQL inside this process, under `<folder>/pgdata`. Throws LOCKED while another process has the
 * folder open (PGlite itself would let it in, and both would ruin the files), CORRUPT when the files are damaged.
 */
export async function openPgliteRegistry({ folder }: { readonly folder: string }): Promise<RegistryStore> {
  const lock = lockFolder(folder);
  try {
    const database = await openDatabase(folder);
    return await openRegistryOn(database, lock).catch(async (error: unknown) => {
      await database.close();
      throw error;
    });
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

function openRegistryOn(database: PGlite, lock: FolderLock): Promise<RegistryStore> {
  // Every write to this database comes from this process, so no notification can be missed.
  return openSqlRegistry({ client: createPgliteClient(database, lock), polling: null });
}

/**
 * `initialized` is written when the database has been made. Without it a `pgdata` is what a first start left that was
 * killed on the way: nothing was ever confirmed in it, and it is made anew.
 */
async function openDatabase(folder: string): Promise<PGlite> {
  const dataFolder = join(folder, 'pgdata');
  const marker = join(folder, 'initialized');
  const isNew = !existsSync(marker);
  if (isNew) rmSync(dataFolder, { recursive: true, force: true });
  const damaged = (got: string, cause?: unknown): AsofError =>
    new AsofError(
      'CORRUPT',
      'the registry’s database cannot be opened',
      {
        path: dataFolder,
        expected: 'a database that PGlite wrote',
        got,
        remedy: 'Restore the folder from a backup; or move it away and apply the definitions again',
      },
      { cause },
    );
  // PGlite would quietly make an empty database where one has gone missing.
  if (!isNew && !existsSync(join(dataFolder, 'PG_VERSION'))) throw damaged('a folder without PG_VERSION');
  let database: PGlite;
  try {
    database = await PGlite.create(dataFolder);
    await database.query('SELECT 1');
  } catch (error) {
    throw damaged(error instanceof Error ? error.message : String(error), error);
  }
  if (isNew) replaceFileSync(marker, 'by asof\n', { sync: true });
  return database;
}

function createPgliteClient(database: PGlite, lock: FolderLock): SqlClient {
  return {
    name: 'pglite',
    query: async <Row extends object>(text: string, parameters: readonly unknown[] = []) =>
      (await database.query<Row>(text, [...parameters])).rows,
    execute: async (script) => {
      await database.exec(script);
    },
    transaction: (work) =>
      database.transaction((connection) =>
        work({
          query: async <Row extends object>(text: string, parameters: readonly unknown[] = []) =>
            (await connection.query<Row>(text, [...parameters])).rows,
          execute: async (script) => {
            await connection.exec(script);
          },
        }),
      ),
    // No other process can open the database.
    lock: async () => ({ check: async () => {}, release: async () => {} }),
    listen: (channel, onPayload) => database.listen(channel, onPayload),
    [Symbol.asyncDispose]: async () => {
      await database.close();
      await lock[Symbol.asyncDispose]();
    },
  };
}
