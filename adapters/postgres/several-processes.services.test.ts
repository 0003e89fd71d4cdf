import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createRegistryWatcher } from '../../runtime/registry-watcher.ts';
import { entityVersion, storing } from '../../test/contracts/registry-versions.ts';
import { runFile } from '../../test/processes/run-file.ts';
import { describeWithService } from '../../test/services/find-program.ts';
import { type PostgresServer, postgres, startPostgres } from '../../test/services/postgres.ts';
import { createSystemClock } from '../clock/system-clock.ts';
import { openPostgresRegistry } from './registry-store.ts';

const clock = createSystemClock();
const racer = fileURLToPath(new URL('../../test/processes/registry-racer.ts', import.meta.url));

describeWithService('a registry in PostgreSQL that several processes share', postgres, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  const sql = async <Row extends object>(url: string, statement: string): Promise<Row[]> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Row>(statement)).rows;
    } finally {
      await client.end();
    }
  };
  const listeners = `FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`;
  const listening = async (url: string): Promise<number> => (await sql(url, `SELECT pid ${listeners}`)).length;

  it('keeps every change that was confirmed, each made upon the one before, and names who was faster', async () => {
    const url = server.database('raced');
    const racers = ['left', 'right'].map((name) => runFile(racer, [url, name, '25']));
    await Promise.all(racers.map((running) => running.lineWhere((line) => line === 'done')));
    const lines = racers.flatMap((running) => running.lines);
    await Promise.all(racers.map((running) => running.kill()));
    const confirmed = lines.filter((line) => line.startsWith('confirmed ')).map((line) => line.split(' ')[1]!);
    await using store = await openPostgresRegistry({ url, clock });
    const { revision, versions } = await store.load();
    expect(revision).toBe(50);
    expect(versions.map(({ name }) => name).sort()).toEqual(confirmed.sort());
    const refused = lines.filter((line) => line.startsWith('refused '));
    for (const line of refused) {
      expect(line).toMatch(/expected revision \d+; got revision \d+, applied by (left|right) at 20.+Z\. Plan again/);
    }
    const numbers = await sql<{ revision: number }>(url, 'SELECT revision FROM asof.applied_changes ORDER BY revision');
    expect(numbers.map((row) => row.revision)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
  });

  it('is known in another process in less than a second', async () => {
    const url = server.database('watched');
    await using store = await openPostgresRegistry({ url, clock });
    await using watching = await openPostgresRegistry({ url, clock });
    const onError = () => expect.unreachable();
    await using watcher = await createRegistryWatcher({ store: watching, onError });
    await expect.poll(() => listening(url), { timeout: 10_000 }).toBe(1);
    for (let revision = 0; revision < 5; revision++) {
      const known = new Promise<number>((resolve) => {
        const stop = watcher.onChange(() => {
          stop();
          resolve(clock.nowMillis());
        });
      });
      await store.apply(storing(entityVersion(`e${revision}`)), revision);
      const applied = clock.nowMillis();
      expect((await known) - applied).toBeLessThan(1_000);
      expect(watcher.current().snapshot.revision).toBe(revision + 1);
    }
  });

  it('hears of changes by looking while it cannot listen, and listens again', async () => {
    const url = server.database('interrupted');
    await using store = await openPostgresRegistry({ url, clock });
    await using watching = await openPostgresRegistry({ url, clock });
    const told: number[] = [];
    watching.watch((revision) => told.push(revision));
    await expect.poll(() => listening(url), { timeout: 10_000 }).toBe(1);
    for (let revision = 0; revision < 3; revision++) {
      await sql(url, `SELECT pg_terminate_backend(pid) ${listeners}`);
      const applied = clock.nowMillis();
      await store.apply(storing(entityVersion(`e${revision}`)), revision);
      await expect.poll(() => told.at(-1), { timeout: 10_000, interval: 10 }).toBe(revision + 1);
      expect(clock.nowMillis() - applied).toBeLessThan(1_000);
      await expect.poll(() => listening(url), { timeout: 10_000 }).toBe(1);
    }
    expect(told).toEqual([1, 2, 3]);
  });

  it('looks all the same where nobody may listen', async () => {
    const url = server.database('unheard');
    await using store = await openPostgresRegistry({ url, clock });
    // The pool has its connection; more than that the role is not granted.
    await sql(url, 'CREATE ROLE quiet LOGIN; GRANT USAGE ON SCHEMA asof TO quiet');
    await sql(url, 'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA asof TO quiet');
    const quiet = url.replace('asof@', 'quiet@');
    await using watching = await openPostgresRegistry({ url: quiet, clock, maxConnections: 1 });
    await watching.load();
    await sql(url, 'ALTER ROLE quiet CONNECTION LIMIT 1');
    const told: number[] = [];
    watching.watch((revision) => told.push(revision));
    await store.apply(storing(entityVersion('a')), 0);
    await expect.poll(() => told, { timeout: 10_000 }).toEqual([1]);
    expect(await listening(url)).toBe(0);
    await sql(url, 'ALTER ROLE quiet CONNECTION LIMIT -1');
    await expect.poll(() => listening(url), { timeout: 20_000 }).toBe(1);
  });

  it('does not believe who only says that there is a newer revision', async () => {
    const url = server.database('deceived');
    await using store = await openPostgresRegistry({ url, clock });
    const told: number[] = [];
    store.watch((revision) => told.push(revision));
    await expect.poll(() => listening(url), { timeout: 10_000 }).toBe(1);
    await sql(url, `SELECT pg_notify('asof_registry', '99'), pg_notify('asof_registry', 'x')`);
    await store.apply(storing(entityVersion('a')), 0);
    await expect.poll(() => told, { timeout: 5_000 }).toEqual([1]);
  });

  it('is followed again, by listening too, when the server was restarted', async () => {
    const url = server.database('restarted');
    await using store = await openPostgresRegistry({ url, clock });
    await using watching = await openPostgresRegistry({ url, clock });
    const told: number[] = [];
    watching.watch((revision) => told.push(revision));
    await expect.poll(() => listening(url), { timeout: 10_000 }).toBe(1);
    await server.kill();
    await server.restart();
    const apply = () => store.apply(storing(entityVersion('a')), 0).then(({ revision }) => revision, String);
    await expect.poll(apply, { timeout: 10_000 }).toBe(1);
    await expect.poll(() => told, { timeout: 10_000 }).toEqual([1]);
    await expect.poll(() => listening(url), { timeout: 20_000 }).toBe(1);
  });
});
