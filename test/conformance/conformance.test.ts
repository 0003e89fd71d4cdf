import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { evaluateCase } from '../../cli/try/evaluate.ts';
import { createDuckDbExecutor } from '../../cli/try/executors/duckdb.ts';
import { createOnlineExecutor } from '../../cli/try/executors/online.ts';
import { createOracleExecutor } from '../../cli/try/executors/oracle.ts';
import { runTryCases } from '../../cli/try/run.ts';
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

test('asof try --cases FILE --check reads these files, too', async () => {
  const found: string[] = [];
  for (const { file } of cases) {
    const path = fileURLToPath(new URL(`./cases/${file}`, import.meta.url));
    const options = { executor: 'oracle', mode: 'AS_SERVED', check: true, warn: () => {} } as const;
    for await (const result of runTryCases(path, options)) {
      const told = 'rows' in result ? result.differences! : [result.error.message];
      found.push(`${file}: ${told.length === 0 ? 'as expected' : told.join('; ')}`);
    }
  }
  expect(found).toEqual(cases.map(({ file }) => `${file}: as expected`));
});
