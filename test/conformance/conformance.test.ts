import { afterAll, describe, expect, test } from 'vitest';
import { evaluateCase } from '../../cli/try/evaluate.ts';
import { createDuckDbExecutor } from '../../cli/try/executors/duckdb.ts';
import { createOnlineExecutor } from '../../cli/try/executors/online.ts';
import { createOracleExecutor } from '../../cli/try/executors/oracle.ts';
import { namedParts, readCaseFiles } from './cases.ts';

const cases = readCaseFiles(new URL('./cases/', import.meta.url));

const executors = [
  { name: 'oracle', executor: createOracleExecutor(), isServing: false },
  { name: 'duckdb', executor: createDuckDbExecutor(), isServing: false },
  { name: 'online', executor: createOnlineExecutor(), isServing: true },
  {
    name: 'online, two writers, one record at a time, twice, rows ahead of their time',
    executor: createOnlineExecutor({
      writers: 2,
      delivery: { batchRecords: 1, byPartition: true, twice: true, rowsAhead: true },
    }),
    isServing: true,
  },
];

for (const { name, executor, isServing } of executors) {
  describe(name, () => {
    afterAll(() => executor[Symbol.asyncDispose]());

    for (const { file, name: caseName, isOnline, expected, load } of cases) {
      if (isServing && !isOnline) continue;
      test(`${caseName} (${file})`, async () => {
        const { answers } = await evaluateCase(await load(), executor);
        expect(answers.map((answer, row) => namedParts(answer, expected[row]!))).toEqual(expected);
      });
    }
  });
}
