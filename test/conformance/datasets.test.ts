import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createDuckDbOfflineStore } from '../../adapters/duckdb/offline-store.ts';
import { evaluateCase } from '../../cli/try/evaluate.ts';
import type { TryExecutor, TryQuestion } from '../../cli/try/question.ts';
import type { CellStatus, ViewReading } from '../../core/definitions/compiled.ts';
import { namedParts, readCaseFiles } from './cases.ts';

/** Cases of which a dataset's file must say the same as the rows that a join returns. */
const files = ['defaults.json', 'derived.json', 'derived-rows.json'];

const folder = await mkdtemp(join(tmpdir(), 'asof-datasets-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Answers with what a dataset's Parquet file holds; it knows values and statuses, nothing of views. */
function createDatasetExecutor(name: string): TryExecutor {
  return {
    async answer({ members, histories, rows, mode }: TryQuestion) {
      await using store = await createDuckDbOfflineStore({ folder: join(folder, name) });
      for (const { source, records } of histories.values()) await store.append(source, records);
      const spine = {
        kind: 'rows',
        columns: [{ name: 'user', type: { kind: 'string' } }],
        rows: rows.map(({ keys }) => keys[0]!),
        times: rows.map(({ time }) => time),
        knownAt: rows.map(({ knownAt }) => knownAt),
      } as const;
      const sources = [...histories.values()].map(({ source }) => source);
      const file = join(folder, `${name}.parquet`);
      await store.joinToParquet({ spine, members, mode, sources, withStatus: true }, file);
      const { columns, rows: found } = await store.readParquet(file, rows.length);
      const place = (column: string) => columns.findIndex((one) => one.name === column);
      return found.map((row) =>
        members.map(({ alias, view, features }): ViewReading => {
          const names = features.map((index) => `${alias}__${view.features[index]!.name}`);
          return {
            status: 'PRESENT',
            eventTime: null,
            readAt: 0,
            version: view.version,
            values: names.map((column) => row[place(column)]!),
            statuses: names.map((column) => row[place(`${column}__status`)] as CellStatus),
            defaulted: names.map(() => false),
          };
        }),
      );
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

for (const { file, name, expected, load } of readCaseFiles(new URL('./cases/', import.meta.url))) {
  if (!files.includes(file)) continue;
  test(`${name} (${file})`, async () => {
    const { answers } = await evaluateCase(await load(), createDatasetExecutor(file));
    const withoutViews = expected.map(({ view: _, ...rest }) => rest);
    expect(answers.map((answer, row) => namedParts(answer, withoutViews[row]!))).toEqual(withoutViews);
  });
}
