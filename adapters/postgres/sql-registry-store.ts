import { AsofError } from '../../core/errors/asof-error.ts';
import {
  type AppliedRevision,
  type RegisteredVersion,
  type RegistryChange,
  type RegistrySnapshot,
  type RegistryStore,
  registryKinds,
} from '../../core/ports/registry-store.ts';
import { revisionConflict } from '../../core/registry/revision-conflict.ts';
import { createSqlAdoptions } from './adoptions.ts';
import { lead } from './lead.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations.ts';
import { type Polling, watchRevision } from './revision-watch.ts';
import type { SqlClient, SqlConnection } from './sql-client.ts';

export interface SqlRegistryOptions {
  readonly client: SqlClient;
  /** For looking at the revision between notifications, in case one is lost; null: none can be. */
  readonly polling: Polling | null;
}

const revisionChannel = 'asof_registry';

/** The registry in any PostgreSQL; closing it closes the client. */
export async function openSqlRegistry({ client, polling }: SqlRegistryOptions): Promise<RegistryStore> {
  await migrate(client, migrations);
  const watching = watchRevision(client, polling, { channel: revisionChannel, read: () => readRevision(client) });
  const adoptions = createSqlAdoptions(client, polling);
  const noted = (snapshot: RegistrySnapshot): RegistrySnapshot => {
    watching.noteRead(snapshot.revision);
    return snapshot;
  };

  return {
    name: client.name,
    load: async () => {
      const snapshot = await client.transaction(async (connection) => {
        // The three reads have to see one and the same revision.
        await connection.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
        return readSnapshot(connection);
      });
      return noted(snapshot);
    },
    apply: async (change, expectedRevision) => {
      const snapshot = await client.transaction(async (connection) => {
        await advanceRevision(connection, expectedRevision);
        for (const version of change.versions) await storeVersion(connection, version);
        for (const { kind, name } of change.retire) {
          await connection.query(
            'INSERT INTO asof.retired_objects (kind, name) VALUES ($1, $2) ON CONFLICT DO NOTHING',
            [kind, name],
          );
        }
        for (const { kind, name } of change.restore) {
          await connection.query('DELETE FROM asof.retired_objects WHERE kind = $1 AND name = $2', [kind, name]);
        }
        await recordChange(connection, change, expectedRevision + 1);
        // Delivered when the transaction commits.
        await connection.query('SELECT pg_notify($1, $2)', [revisionChannel, String(expectedRevision + 1)]);
        return readSnapshot(connection);
      });
      return noted(snapshot);
    },
    lastApplied: () => readLastApplied(client),
    watch: (onRevision, onContact) => watching.add(onRevision, onContact),
    putDocument: async (collection, id, document) => {
      await client.query(
        `INSERT INTO asof.documents (collection, id, document) VALUES ($1, $2, $3::text::json)
         ON CONFLICT (collection, id) DO UPDATE SET document = excluded.document, updated_at = now()`,
        [collection, id, JSON.stringify(document)],
      );
    },
    getDocument: async (collection, id) => {
      const [row] = await client.query<{ document: object }>(
        'SELECT document FROM asof.documents WHERE collection = $1 AND id = $2',
        [collection, id],
      );
      return row?.document ?? null;
    },
    listDocuments: async (collection, limit) => {
      const rows = await client.query<{ document: object }>(
        'SELECT document FROM asof.documents WHERE collection = $1 ORDER BY creation DESC LIMIT $2',
        [collection, limit],
      );
      return rows.map(({ document }) => document);
    },
    adoptions,
    lead: (work, signal) => lead(client, polling, work, signal),
    [Symbol.asyncDispose]: async () => {
      await adoptions.stop();
      await watching.stop();
      await client[Symbol.asyncDispose]();
    },
  };
}

async function readRevision(connection: SqlConnection): Promise<number> {
  const [row] = await connection.query<{ revision: number }>('SELECT revision FROM asof.registry_revision');
  if (row !== undefined) return row.revision;
  throw new AsofError('CORRUPT', 'the registry has lost its revision', {
    path: 'asof.registry_revision',
    expected: 'one row',
    got: 'none',
    remedy: 'Restore the database from a backup',
  });
}

/** The row lock that this takes serialises concurrent applies: the second finds a newer revision and fails. */
async function advanceRevision(connection: SqlConnection, expectedRevision: number): Promise<void> {
  const updated = await connection.query(
    'UPDATE asof.registry_revision SET revision = revision + 1 WHERE revision = $1 RETURNING revision',
    [expectedRevision],
  );
  if (updated.length === 1) return;
  throw revisionConflict(expectedRevision, await readLastApplied(connection));
}

async function readLastApplied(connection: SqlConnection): Promise<AppliedRevision | null> {
  const [row] = await connection.query<AppliedRevision>(
    `SELECT revision, applied_by AS "appliedBy",
       to_char(applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "appliedAt"
     FROM asof.applied_changes ORDER BY revision DESC LIMIT 1`,
  );
  return row ?? null;
}

async function storeVersion(connection: SqlConnection, version: RegisteredVersion): Promise<void> {
  const { kind, name, definition } = version;
  const stored = await connection.query(
    `INSERT INTO asof.object_versions AS stored
       (kind, name, version, hash, definition, description, owner, tags, created_at, updated_at)
     VALUES ($1, $2, $3, $4, $5::text::json, $6, $7, $8, $9, $10)
     ON CONFLICT (kind, name, version) DO UPDATE SET
       definition = excluded.definition, description = excluded.description, owner = excluded.owner,
       tags = excluded.tags, updated_at = excluded.updated_at
     WHERE stored.hash = excluded.hash
     RETURNING version`,
    [
      kind,
      name,
      version.version,
      version.hash,
      JSON.stringify(definition),
      searchable(definition.description),
      searchable(definition.owner),
      (definition.tags ?? []).map(searchable),
      version.createdAt,
      version.updatedAt,
    ],
  );
  if (stored.length === 1) return;
  throw new AsofError('CONFLICT', `version ${version.version} of ${kind} ${name} is stored with other values`, {
    path: `${kind}.${name}`,
    expected: 'the hash it was stored with: a version never changes',
    got: version.hash,
    remedy: 'Register the change as a new version',
  });
}

/** PostgreSQL's text cannot hold NUL; the definition, as JSON, keeps it. */
function searchable(text: string | undefined): string | null {
  return text?.replaceAll('\0', '') ?? null;
}

async function recordChange(connection: SqlConnection, change: RegistryChange, revision: number): Promise<void> {
  const summary = {
    versions: change.versions.map(({ kind, name, version }) => ({ kind, name, version })),
    retire: change.retire,
    restore: change.restore,
  };
  await connection.query(
    'INSERT INTO asof.applied_changes (revision, applied_by, change) VALUES ($1, $2, $3::text::json)',
    [revision, change.appliedBy, JSON.stringify(summary)],
  );
}

export async function readSnapshot(connection: SqlConnection): Promise<RegistrySnapshot> {
  const order = `array_position($1::text[], kind), name COLLATE "C"`;
  const versions = await connection.query<RegisteredVersion>(
    `SELECT kind, name, version, hash, definition, created_at AS "createdAt", updated_at AS "updatedAt"
     FROM asof.object_versions ORDER BY ${order}, version`,
    [registryKinds],
  );
  const retired = await connection.query<RegistrySnapshot['retired'][number]>(
    `SELECT kind, name FROM asof.retired_objects ORDER BY ${order}`,
    [registryKinds],
  );
  return { revision: await readRevision(connection), versions, retired };
}
