import { afterAll, test } from 'vitest';
import { createDuckDbExecutor } from '../../cli/try/executors/duckdb.ts';
import { offlineQuestions } from './deliveries.ts';
import { checkEqualsOracle } from './equality.ts';

const executor = createDuckDbExecutor();
afterAll(() => executor[Symbol.asyncDispose]());

test('DuckDB equals the oracle as served', async () => {
  await checkEqualsOracle({ DuckDB: executor }, offlineQuestions, 240);
}, 36_000_000);

test('DuckDB equals the oracle by event time', async () => {
  await checkEqualsOracle({ DuckDB: executor }, { ...offlineQuestions, mode: 'EVENT_TIME' }, 120);
}, 36_000_000);
