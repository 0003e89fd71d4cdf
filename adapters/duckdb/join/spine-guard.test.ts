import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSession, type Session } from '../engine.ts';
import { guardedSelect } from './spine-guard.ts';

let instance: DuckDBInstance;
let session: Session;
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
  session = await openSession(instance);
});
afterAll(() => {
  session.close();
  instance.closeSync();
});

const accepted = [
  'SELECT * FROM landings',
  'SELECT origin, count(*) AS n FROM landings GROUP BY origin HAVING count(*) > 1 ORDER BY n LIMIT 3 -- a comment',
  'SELECT l.origin FROM landings l JOIN airports a ON a.iata = l.origin WHERE l.delay > (SELECT avg(delay) FROM landings)',
  'WITH late AS (SELECT * FROM landings WHERE delay > 15) SELECT * FROM late UNION ALL SELECT * FROM late',
  'SELECT origin, row_number() OVER (PARTITION BY origin ORDER BY delay) FROM landings',
  "SELECT * FROM (VALUES ('ATL', 1), ('ORD', 2)) v(iata, n)",
  "SELECT unnest(range(3)) AS i, TIMESTAMP '2001-01-01' + INTERVAL 1 DAY AS t",
  'SELECT * FROM range(5)',
  'SELECT * FROM landings USING SAMPLE 10 ROWS',
  'FROM landings SELECT origin',
];

const attacks = [
  "SELECT * FROM read_csv('/etc/passwd')",
  "SELECT * FROM read_text('/etc/passwd')",
  "SELECT * FROM '/etc/passwd'",
  "SELECT * FROM 'data.parquet'",
  'SELECT * FROM "data.parquet"',
  "SELECT * FROM glob('/*')",
  'SELECT * FROM duckdb_settings()',
  'SELECT * FROM pragma_database_list()',
  'SELECT * FROM information_schema.tables',
  'SELECT * FROM sqlite_master',
  'SELECT * FROM duckdb_tables',
  'SELECT * FROM asof_tail_1_landings',
  'SELECT * FROM main.landings',
  'SELECT * FROM secrets',
  "SELECT * FROM landings WHERE origin IN (SELECT content FROM read_text('/etc/passwd'))",
  "SELECT (SELECT max(content) FROM read_text('/etc/passwd'))",
  "SELECT * FROM landings ORDER BY (SELECT count(*) FROM read_blob('/etc/passwd'))",
  "WITH x AS (SELECT * FROM read_text('/etc/passwd')) SELECT * FROM x",
  `SELECT * FROM "/etc/passwd.csv", (WITH "/etc/passwd.csv" AS (SELECT 1) SELECT * FROM "/etc/passwd.csv")`,
  'SELECT * FROM hidden, (WITH hidden AS (SELECT 1) SELECT * FROM hidden)',
  'WITH asof_tail_1_x AS (SELECT 1) SELECT * FROM asof_tail_1_x',
  "SELECT * FROM query('SELECT 1')",
  "SELECT * FROM query_table('landings')",
  "SELECT getenv('HOME')",
  "SELECT current_setting('memory_limit')",
  'SELECT asof_expression_0(1)',
  'SELECT * FROM (SHOW TABLES)',
  'SELECT * FROM (DESCRIBE landings)',
  "COPY landings TO '/tmp/stolen.csv'",
  "SELECT 1; COPY landings TO '/tmp/stolen.csv'",
  'SELECT 1; SELECT 2',
  "ATTACH '/tmp/x.db'",
  'INSTALL httpfs',
  'SET memory_limit = 1',
  'PRAGMA database_list',
  'CREATE TABLE x AS SELECT 1',
  'DROP TABLE landings',
  'DELETE FROM landings',
  'EXPLAIN SELECT 1',
  'CALL pragma_version()',
  '',
  'SELEC 1',
  ') UNION SELECT 1 --',
];

describe('the spine guard', () => {
  it.each(accepted)('accepts %s', async (query) => {
    const checked = await guardedSelect(session, query, ['landings', 'airports']);
    expect(checked).toMatch(/SELECT|FROM/);
    expect(checked).not.toContain('comment');
  });

  it.each(attacks)('refuses %s', async (query) => {
    await expect(guardedSelect(session, query, ['landings', 'airports'])).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  it('suggests the source that was meant', async () => {
    await expect(guardedSelect(session, 'SELECT * FROM landing', ['landings'])).rejects.toThrow(
      /reads "landing", which is not a source.*Did you mean "landings"\?/,
    );
  });
});
