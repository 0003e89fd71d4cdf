import { afterAll, test } from 'vitest';
import { createDuckDbExecutor } from '../../cli/try/executors/duckdb.ts';
import { offlineQuestions } from './deliveries.ts';
import { checkEqualsOracle } from './equality.ts';

const executors = { DuckDB: createDuckDbExecutor(), 'DuckDB in slices': createDuckDbExecutor({ sliceRows: 5 }) };
afterAll(async () => {
  for (const executor of Object.values(executors)) await executor[Symbol.asyncDispose]();
});

test('DuckDB equals the oracle as served', async () => {
  await checkEqualsOracle(executors, offlineQuestions, 240);
}, 36_000_000);

test('DuckDB equals the oracle by event time', async () => {
  await checkEqualsOracle(executors, { ...offlineQuestions, mode: 'EVENT_TIME' }, 120);
}, 36_000_000);
