import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tryExecutorNames } from '../../cli/try/question.ts';
import { runTry } from '../../cli/try/run.ts';

/** Cases whose input must be Parquet: times finer than a millisecond, and files of one source that differ in columns. */
const folder = mkdtempSync(join(tmpdir(), 'asof-parquet-'));
const path = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const files: Readonly<Record<string, string>> = {
  // 1 µs before, at and after 10:00:00.000, and at the last microsecond of a second.
  'micros.parquet': `SELECT * FROM (VALUES
    ('a', 1::BIGINT, TIMESTAMP '2024-01-01 09:59:59.999999'),
    ('a', 2, TIMESTAMP '2024-01-01 10:00:00.000000'),
    ('a', 3, TIMESTAMP '2024-01-01 10:00:00.000001'),
    ('a', 4, TIMESTAMP '2024-01-01 10:00:00.999999')) t("user", x, "at")`,
  'nanos.parquet': `SELECT * FROM (VALUES
    ('a', 1::BIGINT, TIMESTAMP_NS '2024-01-01 09:59:59.999999999'),
    ('a', 2, TIMESTAMP_NS '2024-01-01 10:00:00.000000000'),
    ('a', 3, TIMESTAMP_NS '2024-01-01 10:00:00.000000001'),
    ('a', 4, TIMESTAMP_NS '2024-01-01 10:00:00.999999999')) t("user", x, "at")`,
  'zoned.parquet': `SELECT * FROM (VALUES
    ('a', 1::BIGINT, TIMESTAMPTZ '2024-01-01 11:59:59.999999+02'),
    ('a', 2, TIMESTAMPTZ '2024-01-01 10:00:00+00'),
    ('a', 3, TIMESTAMPTZ '2024-01-01 05:00:00.000001-05'),
    ('a', 4, TIMESTAMPTZ '2024-01-01 10:00:00.999999+00')) t("user", x, "at")`,
  'narrow.parquet': `SELECT 'a' AS "user", 1::INTEGER AS x, 1.50::DECIMAL(4, 2) AS d, TIMESTAMP '2024-01-01 10:00:00' AS "at"`,
  'without.parquet': `SELECT TIMESTAMP_MS '2024-01-01 10:00:01' AS "at", 'a' AS "user"`,
  'wide.parquet': `SELECT 'new' AS added, 9007199254740993::BIGINT AS x, 12345678.25::DECIMAL(18, 3) AS d, 'a' AS "user",
    TIMESTAMP_NS '2024-01-01 10:00:02' AS "at"`,
  'spine.parquet': `SELECT 'a' AS "user", unnest([TIMESTAMP_NS '2024-01-01 10:00:00', TIMESTAMP_NS '2024-01-01 10:00:01.000000999',
    TIMESTAMP_NS '2024-01-01 10:00:03']) AS __time`,
};

beforeAll(async () => {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  for (const [name, sql] of Object.entries(files)) {
    await connection.run(`COPY (${sql}) TO '${path(name)}' (FORMAT parquet)`);
  }
  connection.closeSync();
  instance.closeSync();
  writeFileSync(path('definitions.json'), JSON.stringify(definitions));
});

const over = (name: string, aggregate: object) => ({ name, kind: 'aggregate', window: '1h', aggregate });
const col = (name: string) => ({ op: 'col', name });
const definitions = {
  asof: 1,
  entities: [{ name: 'user', key: [{ name: 'user', type: { kind: 'string' } }] }],
  sources: [
    {
      kind: 'events',
      name: 'clicks',
      fields: [
        { name: 'user', type: { kind: 'string' } },
        { name: 'x', type: { kind: 'int64' } },
        { name: 'd', type: { kind: 'decimal', precision: 18, scale: 3 } },
        { name: 'added', type: { kind: 'string' } },
      ],
      eventTime: 'at',
      lateness: '1d',
      futureTolerance: '5m',
    },
  ],
  views: [
    {
      name: 'v',
      entity: 'user',
      source: 'clicks',
      key: { user: 'user' },
      features: [
        over('rows', { function: 'countRows' }),
        over('xs', { function: 'firstN', input: col('x'), k: 9 }),
        over('d', { function: 'sum', input: col('d') }),
        over('added', { function: 'last', input: col('added') }),
      ],
    },
  ],
  onDemandViews: [],
  services: [],
};

for (const executor of tryExecutorNames) {
  const answers = async (...rows: readonly string[]) =>
    runTry({
      definitions: path('definitions.json'),
      rows: rows.map((name) => `clicks=${path(name)}`),
      spine: path('spine.parquet'),
      executor,
      mode: 'AS_SERVED',
      // Files without these columns are part of what is asked.
      warn: (text) => expect(text).toMatch(/ has no column "(?:d|added)", so it is NULL\.$/),
    });

  test.each(['micros.parquet', 'nanos.parquet', 'zoned.parquet'])(
    `%s is floored to milliseconds: ${executor}`,
    async (file) => {
      const [at, second] = await answers(file);
      // 09:59:59.999999 is the millisecond before 10:00; what lies in the next second is not there before it ends.
      expect(at).toMatchObject({
        time: '2024-01-01T10:00:00.000Z',
        values: { 'v.rows': 1, 'v.xs': [1] },
        view: { v: { eventTime: '2024-01-01T09:59:59.999Z' } },
      });
      expect(second).toMatchObject({
        time: '2024-01-01T10:00:01.000Z',
        values: { 'v.rows': 4, 'v.xs': [1, 2, 3, 4] },
        view: { v: { eventTime: '2024-01-01T10:00:00.999Z' } },
      });
    },
  );

  test(`columns that files lack, add, order or widen differently: ${executor}`, async () => {
    const rows = await answers('narrow.parquet', 'without.parquet', 'wide.parquet');
    expect(rows.map(({ values }) => values)).toEqual([
      { 'v.rows': 0, 'v.xs': null, 'v.d': null, 'v.added': null },
      { 'v.rows': 1, 'v.xs': [1], 'v.d': '1.500', 'v.added': null },
      { 'v.rows': 3, 'v.xs': [1, '9007199254740993'], 'v.d': '12345679.750', 'v.added': 'new' },
    ]);
  });
}
