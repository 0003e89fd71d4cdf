import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RegistryStore } from '../../core/ports/registry-store.ts';
import { entityVersion, storing } from '../../test/contracts/registry-versions.ts';
import { type Certificates, makeCertificates, openssl } from '../../test/services/certificates.ts';
import { describeWithService } from '../../test/services/find-program.ts';
import { type PostgresServer, postgres, startPostgres } from '../../test/services/postgres.ts';
import { createSystemClock } from '../clock/system-clock.ts';
import { openPostgresRegistry } from './registry-store.ts';

const clock = createSystemClock();

async function useAll(store: RegistryStore): Promise<void> {
  const { revision } = await store.load();
  const told = new Promise((resolve) => store.watch(resolve));
  await store.apply({ ...storing(entityVersion('a')), retire: [{ kind: 'entity', name: 'a' }] }, revision);
  const restore = [{ kind: 'entity', name: 'a' } as const];
  await store.apply({ versions: [], retire: [], restore, appliedBy: 'ops' }, revision + 1);
  await told;
  await store.putDocument('datasets', 'd', { a: 1 });
  await store.putDocument('datasets', 'd', { a: 2 });
  expect(await store.getDocument('datasets', 'd')).toEqual({ a: 2 });
  expect(await store.lastApplied()).toMatchObject({ revision: revision + 2 });
}

/** The blocks of SQL in docs/operations.md that make the users. */
function documentedRoles(): readonly string[] {
  const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
  const blocks = [...page.matchAll(/^```sql\n(.*?)^```$/gms)].map(([, text]) => text!);
  expect(blocks).toHaveLength(2);
  return blocks;
}

describeWithService('PostgreSQL with users', postgres, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });
  const run = async (url: string, script: string): Promise<void> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await client.query(script);
    } finally {
      await client.end();
    }
  };

  it('serves users with no more than the documented rights', async () => {
    const [owner, worker] = documentedRoles();
    const url = server.database('features');
    await run(url, owner!.replaceAll(/'…'/g, `'secret'`));
    const as = (user: string): string => url.replace('asof@', `${user}:secret@`);
    await useAll(await opened(as('asof_owner')));
    await expect(run(as('asof_owner'), 'CREATE TABLE public.t (a int)')).rejects.toThrow(/permission denied/);
    await expect(run(as('asof_owner'), 'CREATE SCHEMA other')).rejects.toThrow(/permission denied/);

    await run(url, worker!.replaceAll(/'…'/g, `'secret'`));
    await useAll(await opened(as('asof_worker')));
    await expect(run(as('asof_worker'), 'DROP TABLE asof.documents')).rejects.toThrow(/must be owner/);
    await expect(run(as('asof_worker'), 'CREATE TABLE asof.t (a int)')).rejects.toThrow(/permission denied/);
  });

  const stores: RegistryStore[] = [];
  const opened = async (url: string): Promise<RegistryStore> => {
    const store = await openPostgresRegistry({ url, clock });
    stores.push(store);
    return store;
  };
  afterAll(() => Promise.all(stores.map((store) => store[Symbol.asyncDispose]())));

  it('says what rights are missing, and never shows a password', async () => {
    const url = server.database('closed');
    await run(url, `CREATE ROLE nobody_here LOGIN PASSWORD 'secret'`);
    const refused = openPostgresRegistry({ url: url.replace('asof@', 'nobody_here:secret@'), clock });
    await expect(refused).rejects.toThrow(/PostgreSQL refuses us.*permission denied for database.*operations\.md/);
    await expect(refused).rejects.not.toThrow(/secret/);
  });
});

describeWithService('PostgreSQL over TLS', postgres.program === null ? postgres : openssl, () => {
  let folder: string;
  let certificates: Certificates;
  let server: PostgresServer;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'asof-tls-'));
    certificates = makeCertificates(folder);
    server = await startPostgres({ certificates });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  it('serves whom it can prove itself to, and nobody else', async () => {
    const ca = readFileSync(certificates.ca, 'utf8');
    const url = server.database('sealed');
    await using byFile = await openPostgresRegistry({ url, ca, clock });
    await useAll(byFile);
    await using byUrl = await openPostgresRegistry({ url: `${url}?sslrootcert=${certificates.ca}`, clock });
    await useAll(byUrl);
    await using unchecked = await openPostgresRegistry({ url: `${url}?sslmode=no-verify`, clock });
    await useAll(unchecked);
    for (const mode of ['require', 'verify-ca', 'verify-full']) {
      const unproved = openPostgresRegistry({ url: `${url}?sslmode=${mode}`, clock });
      await expect(unproved).rejects.toThrow(/PostgreSQL does not answer.*certificate.*DATABASE_CA_FILE/);
    }
    await expect(openPostgresRegistry({ url, clock })).rejects.toThrow(/PostgreSQL refuses us.*no encryption/);
  });
});
