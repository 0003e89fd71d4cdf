import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Finding } from '../../core/ports/health-check.ts';
import { entityVersion, storing } from '../../test/contracts/registry-versions.ts';
import { bad, collected } from '../../test/health/findings.ts';
import { describeWithService } from '../../test/services/find-program.ts';
import { type PostgresServer, postgres, startPostgres } from '../../test/services/postgres.ts';
import { createManualClock } from '../clock/manual-clock.ts';
import { createSystemClock } from '../clock/system-clock.ts';
import { postgresHealth } from './health.ts';
import { readPostgresRegistry } from './read-registry.ts';
import { openPostgresRegistry } from './registry-store.ts';

const clock = createSystemClock();

describeWithService('the doctor on PostgreSQL', postgres, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });
  const run = async (url: string, script: string): Promise<unknown[]> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(script)).rows;
    } finally {
      await client.end();
    }
  };
  const examine = (url: string): Promise<Finding[]> => collected(postgresHealth({ url, clock }).checks());

  it('finds nothing wrong before the first start and after it, and makes nothing', async () => {
    const url = server.database('healthy');
    const before = await examine(url);
    expect(bad(before)).toEqual([]);
    expect(before).toContainEqual(expect.objectContaining({ what: 'schema', got: 'made at the first start' }));
    expect(await readPostgresRegistry({ url })).toBeNull();
    expect(await run(url, `SELECT 1 FROM pg_namespace WHERE nspname = 'asof'`)).toEqual([]);
    await using store = await openPostgresRegistry({ url, clock });
    const applied = await store.apply(storing(entityVersion('a')), 0);
    const after = await examine(url);
    expect(bad(after)).toEqual([]);
    expect(after).toContainEqual(expect.objectContaining({ what: 'LISTEN and NOTIFY', got: 'heard' }));
    expect(await readPostgresRegistry({ url })).toEqual(applied);
  });

  it('says which rights are missing, at which step', async () => {
    const url = server.database('rights');
    await run(url, 'CREATE ROLE poor LOGIN');
    const poor = url.replace('asof@', 'poor@');
    expect(bad(await examine(poor))).toMatchObject([{ level: 'fail', what: 'schema', got: 'neither' }]);
    await (await openPostgresRegistry({ url, clock }))[Symbol.asyncDispose]();
    expect(bad(await examine(poor))).toMatchObject([{ level: 'fail', what: 'rights of poor', got: 'none' }]);
    await run(url, 'GRANT USAGE ON SCHEMA asof TO poor; GRANT SELECT ON ALL TABLES IN SCHEMA asof TO poor');
    const [tables] = bad(await examine(poor));
    expect(tables).toMatchObject({ level: 'fail', what: 'rights of poor' });
    expect(tables!.got).toContain('none to INSERT, UPDATE, DELETE on documents');
    await run(url, 'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA asof TO poor');
    const enough = await examine(poor);
    expect(bad(enough)).toEqual([]);
    expect(enough).toContainEqual(
      expect.objectContaining({ what: 'rights of poor', got: 'to use the tables, not to alter them' }),
    );
  });

  it('tells of a newer program’s tables, another encoding, a database that takes no writes, and clocks apart', async () => {
    const url = server.database('odd');
    await (await openPostgresRegistry({ url, clock }))[Symbol.asyncDispose]();
    await run(url, `INSERT INTO asof.schema_migrations (id, name, checksum) VALUES (99, 'future', 'x')`);
    const newer = bad(await examine(url));
    expect(newer).toMatchObject([{ level: 'fail', remedy: 'Upgrade asof on this machine' }]);
    await run(server.url, `CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0`);
    const latin = url.replace('/odd', '/latin');
    await run(
      latin,
      'ALTER DATABASE latin SET default_transaction_read_only = on; ALTER DATABASE latin SET synchronous_commit = off',
    );
    expect(bad(await examine(latin))).toMatchObject([
      { level: 'fail', what: 'writable', got: 'transaction_read_only on' },
      { level: 'fail', what: 'encoding of the database', got: 'LATIN1' },
      { level: 'warn', what: 'durability' },
    ]);
    const late = createManualClock({ at: clock.nowMillis() - 60_000 });
    const apart = await collected(postgresHealth({ url: server.url, clock: late }).checks());
    expect(bad(apart)[0]).toMatchObject({
      level: 'warn',
      what: 'clock',
      got: expect.stringMatching(/^6\d{4} ms apart$/),
    });
  });
});
