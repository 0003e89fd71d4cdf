import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CompiledSource } from '../../core/definitions/compiled.ts';
import type { BatchLocation } from '../../core/definitions/model.ts';
import type { OfflineStore, RawRow } from '../../core/ports/offline-store.ts';
import { eventSource } from '../../test/doubles/landing-views.ts';
import { createDuckDbOfflineStore } from './offline-store.ts';
import { text } from './quoting.ts';

let folder: string;
let base: string;
let store: OfflineStore;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asof-batch-'));
  base = join(folder, 'project');
  await mkdir(join(base, 'data'), { recursive: true });
  await writeFile(join(folder, 'secret.csv'), 'password\nhunter2\n');
  store = await createDuckDbOfflineStore({ folder: join(folder, 'store') });
});
afterAll(async () => {
  await store[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function sourceAt(batch: BatchLocation): CompiledSource {
  const source = eventSource();
  return { ...source, definition: { ...source.definition, batch } };
}

async function read(batch: BatchLocation): Promise<RawRow[]> {
  const rows: RawRow[] = [];
  for await (const chunk of store.readBatch(sourceAt(batch), base)) rows.push(...chunk);
  return rows;
}

async function writeParquet(path: string, select: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (${select}) TO ${text(join(base, path))} (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
}

describe('batch rows', () => {
  it('come from Parquet in file and row order, instants floored to milliseconds, decimals and integers exact', async () => {
    await writeParquet(
      'data/b.parquet',
      "SELECT 9007199254740993 AS id, 1.10::DECIMAL(10,2) AS fare, TIMESTAMP '2001-01-01 00:00:00.123999' AS micros, " +
        "TIMESTAMP_NS '1969-12-31 23:59:59.999999999' AS nanos, DATE '2001-01-02' AS day, " +
        "TIMESTAMPTZ '2001-01-01 02:00:00+02' AS zoned, ['x', NULL] AS list, NULL::INTEGER AS nothing",
    );
    await writeParquet('data/a.parquet', 'SELECT range AS id FROM range(5000)');
    const rows = await read({ kind: 'parquet', path: 'data/*.parquet' });
    expect(rows).toHaveLength(5001);
    expect(rows[4999]).toEqual({ origin: 'data/a.parquet', partition: 0, offset: 4999, row: { id: 4999 } });
    expect(rows[5000]).toEqual({
      origin: 'data/b.parquet',
      partition: 0,
      offset: 0,
      row: {
        id: 9007199254740993n,
        fare: '1.10',
        micros: Date.UTC(2001, 0, 1) + 123,
        nanos: -1,
        day: Date.UTC(2001, 0, 2),
        zoned: Date.UTC(2001, 0, 1),
        list: ['x', null],
        nothing: null,
      },
    });
  });

  it('come from CSV as text, whatever it looks like', async () => {
    await writeFile(join(base, 'codes.csv'), 'iata,zip,name\nATL,00501,"a, b"\nORD,,NaN\n');
    expect((await read({ kind: 'csv', path: 'codes.csv' })).map(({ offset, row }) => ({ offset, ...row }))).toEqual([
      { offset: 0, iata: 'ATL', zip: '00501', name: 'a, b' },
      { offset: 1, iata: 'ORD', zip: null, name: 'NaN' },
    ]);
  });

  it('come from NDJSON with every digit, at their line’s position', async () => {
    await writeFile(join(base, 'rows.ndjson'), '{"id":9007199254740993,"list":[1]}\n\n{"id":2}\n');
    const rows = await read({ kind: 'ndjson', path: 'rows.ndjson' });
    expect(rows.map(({ offset }) => offset)).toEqual([0, 2]);
    expect(String(rows[0]!.row.id)).toBe('9007199254740993');
    await writeFile(join(base, 'bad.ndjson'), '{"id":1}\n[2]\n');
    await expect(read({ kind: 'ndjson', path: 'bad.ndjson' })).rejects.toThrow(
      /bad\.ndjson:2: a line is not a JSON object/,
    );
  });

  it('come from a query that reads files of the project and nothing else', async () => {
    await writeFile(join(base, 'codes.csv'), 'iata,zip\nATL,00501\n');
    const rows = await read({ kind: 'sql', query: "SELECT iata, 1 AS one FROM 'codes.csv' ORDER BY iata" });
    expect(rows).toEqual([{ origin: 'sql', partition: 0, offset: 0, row: { iata: 'ATL', one: 1 } }]);
    for (const from of [
      "read_csv('codes.csv')",
      "read_csv(['codes.csv'])",
      "read_csv_auto('*.csv', filename = true)",
    ]) {
      const [row] = await read({ kind: 'sql', query: `WITH c AS (SELECT * FROM ${from}) SELECT iata FROM c` });
      expect(row!.row).toEqual({ iata: 'ATL' });
    }
    const digits = 'SELECT 9007199254740993 AS big, 1.10 AS exact';
    expect((await read({ kind: 'sql', query: digits }))[0]!.row).toEqual({ big: 9007199254740993n, exact: '1.10' });
    const attacks = [
      `SELECT * FROM '${join(folder, 'secret.csv')}'`,
      "SELECT * FROM '../secret.csv'",
      "SELECT * FROM read_text('/etc/passwd')",
      `COPY (SELECT 1) TO '${join(base, 'written.csv')}'`,
      'SELECT 1; SELECT 2',
      'SET enable_external_access = true',
      `ATTACH '${join(base, 'x.db')}'`,
    ];
    for (const query of attacks) await expect(read({ kind: 'sql', query })).rejects.toThrow();
  });

  it('do not come from outside the project unless the path is absolute', async () => {
    await expect(read({ kind: 'csv', path: '../secret.csv' })).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await expect(read({ kind: 'csv', path: 'data/../../secret.csv' })).rejects.toThrow(
      /leaves the definitions’ folder/,
    );
    expect(await read({ kind: 'csv', path: join(folder, 'secret.csv') })).toHaveLength(1);
    await expect(read({ kind: 'csv', path: 'none/*.csv' })).rejects.toThrow(/no file matches/);
  });

  it('stop when the signal is aborted', async () => {
    await writeParquet('data/c.parquet', 'SELECT range AS id FROM range(100000)');
    const controller = new AbortController();
    const source = sourceAt({ kind: 'parquet', path: 'data/c.parquet' });
    let seen = 0;
    const reading = async () => {
      for await (const rows of store.readBatch(source, base, controller.signal)) {
        seen += rows.length;
        controller.abort();
      }
    };
    await expect(reading()).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(seen).toBeLessThan(100000);
  });
});
