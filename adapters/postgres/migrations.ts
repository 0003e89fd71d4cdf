/** One step of the registry's schema. Steps that were released are never changed, only followed by others. */
export interface Migration {
  readonly id: number;
  readonly name: string;
  readonly sql: string;
}

/*
 * Kept to what PostgreSQL 15 knows. Definitions and documents are `json`, not `jsonb`: the canonical text of a definition
 * is what its hash was taken of, and jsonb would reorder it. What people search by has columns of its own.
 */
export const migrations: readonly Migration[] = [
  {
    id: 1,
    name: 'registry',
    sql: `
      CREATE TABLE asof.registry_revision (
        only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
        revision integer NOT NULL
      );
      INSERT INTO asof.registry_revision (revision) VALUES (0);

      CREATE TABLE asof.object_versions (
        kind text NOT NULL,
        name text NOT NULL,
        version integer NOT NULL,
        hash text NOT NULL,
        definition json NOT NULL,
        description text,
        owner text,
        tags text[] NOT NULL,
        created_at text NOT NULL,
        updated_at text NOT NULL,
        PRIMARY KEY (kind, name, version)
      );
      CREATE INDEX object_versions_owner ON asof.object_versions (owner);
      CREATE INDEX object_versions_tags ON asof.object_versions USING gin (tags);

      CREATE TABLE asof.retired_objects (
        kind text NOT NULL,
        name text NOT NULL,
        PRIMARY KEY (kind, name)
      );

      CREATE TABLE asof.applied_changes (
        revision integer PRIMARY KEY,
        applied_by text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now(),
        change json NOT NULL
      );

      CREATE TABLE asof.documents (
        collection text NOT NULL,
        id text NOT NULL,
        document json NOT NULL,
        creation bigint GENERATED ALWAYS AS IDENTITY,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (collection, id)
      );
      CREATE INDEX documents_creation ON asof.documents (collection, creation DESC);
    `,
  },
  {
    id: 2,
    name: 'fills',
    sql: `
      CREATE TABLE asof.adoption_number (
        only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
        number bigint NOT NULL
      );
      INSERT INTO asof.adoption_number (number) VALUES (0);

      CREATE TABLE asof.fills (
        view text NOT NULL,
        version integer NOT NULL,
        token text NOT NULL,
        number bigint,
        positions json,
        PRIMARY KEY (view, version)
      );
    `,
  },
];
