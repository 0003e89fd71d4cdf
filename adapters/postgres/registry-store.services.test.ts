import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RegistryStore } from '../../core/ports/registry-store.ts';
import { registryStoreContract } from '../../test/contracts/registry-store.ts';
import { entityVersion, storing } from '../../test/contracts/registry-versions.ts';
import { describeWithService } from '../../test/services/find-program.ts';
import { freePort } from '../../test/services/free-port.ts';
import { type PostgresServer, postgres, startPostgres } from '../../test/services/postgres.ts';
import { createSystemClock } from '../clock/system-clock.ts';
import { openPostgresRegistry } from './registry-store.ts';

const clock = createSystemClock();

describeWithService('PostgreSQL', postgres, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  const sql = async (url: string, statement: string): Promise<Record<string, unknown>[]> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(statement)).rows;
    } finally {
      await client.end();
    }
  };

  let contractUrl: string | null = null;
  registryStoreContract('postgres', {
    open: () => {
      contractUrl ??= server.database('contract');
      return openPostgresRegistry({ url: contractUrl, clock });
    },
    isShared: true,
  });

  describe('openPostgresRegistry', () => {
    it('lets several processes make the schema at once', async () => {
      const url = server.database('migrating');
      const stores = await Promise.all(Array.from({ length: 5 }, () => openPostgresRegistry({ url, clock })));
      for (const store of stores) expect((await store.load()).revision).toBe(0);
      await Promise.all(stores.map((store) => store[Symbol.asyncDispose]()));
    });

    it('refuses a database of a newer program, and one whose steps are not ours', async () => {
      const url = server.database('migrated');
      await (await openPostgresRegistry({ url, clock }))[Symbol.asyncDispose]();
      await sql(url, `INSERT INTO asof.schema_migrations (id, name, checksum) VALUES (99, 'future', 'x')`);
      const newer = openPostgresRegistry({ url, clock });
      await expect(newer).rejects.toMatchObject({ code: 'CONFLICT' });
      await expect(newer).rejects.toThrowError(/made by a newer version.*got migration 99 \(future\)/);
      await sql(url, 'DELETE FROM asof.schema_migrations WHERE id = 99');
      await sql(url, `UPDATE asof.schema_migrations SET checksum = 'other' WHERE id = 1`);
      await expect(openPostgresRegistry({ url, clock })).rejects.toMatchObject({ code: 'CORRUPT' });
    });

    it('notes who applied what', async () => {
      const url = server.database('noted');
      await using store = await openPostgresRegistry({ url, clock });
      await store.apply(storing(entityVersion('airport')), 0);
      const rows = await sql(url, 'SELECT revision, applied_by, change FROM asof.applied_changes');
      const change = { versions: [{ kind: 'entity', name: 'airport', version: 1 }], retire: [], restore: [] };
      expect(rows).toEqual([{ revision: 1, applied_by: 'ops', change }]);
    });

    it('fails with UNAVAILABLE while PostgreSQL is away, and works when it is back, with what was confirmed', async () => {
      const url = server.database('restarted');
      await using store = await openPostgresRegistry({ url, clock });
      const told: number[] = [];
      store.watch((revision) => told.push(revision));
      await store.apply(storing(entityVersion('a')), 0);
      await expect.poll(() => told, { timeout: 5_000 }).toEqual([1]);
      await server.kill();
      await expect(store.load()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await expect(store.apply(storing(entityVersion('b')), 1)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await server.restart();
      await expect.poll(() => store.load().then(({ revision }) => revision, String), { timeout: 10_000 }).toBe(1);
      await store.apply(storing(entityVersion('b')), 1);
      await expect.poll(() => told, { timeout: 5_000 }).toEqual([1, 2]);
    });

    it('says what is wrong with a URL, a server or a database, and never shows a password', async () => {
      const open = (url: string): Promise<RegistryStore> => openPostgresRegistry({ url, clock });
      await expect(open('mysql://u:secret@localhost/x')).rejects.toMatchObject({ code: 'BAD_INPUT' });
      const nobody = open(`postgres://u:secret@127.0.0.1:${await freePort()}/x`);
      await expect(nobody).rejects.toThrowError(/127\.0\.0\.1:\d+\/x: PostgreSQL does not answer.*ECONNREFUSED/);
      const missing = open(`postgres://asof:secret@127.0.0.1:${server.port}/missing`);
      await expect(missing).rejects.toThrowError(/PostgreSQL refuses us.*"missing" does not exist/);
      for (const failure of [open('mysql://u:secret@localhost/x'), nobody, missing]) {
        await expect(failure).rejects.not.toThrowError(/secret/);
      }
    });
  });
});
