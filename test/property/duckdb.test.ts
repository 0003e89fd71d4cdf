import { afterAll, test } from 'vitest';
import { createDuckDbExecutor } from '../../cli/try/executors/duckdb.ts';
import { propertyCase } from './cases.ts';
import { checkEqualsOracle } from './equality.ts';

const executor = createDuckDbExecutor();
afterAll(() => executor[Symbol.asyncDispose]());

const offered = {
  functions: ['countRows', 'count', 'sum', 'avg', 'min', 'max', 'first', 'last'],
  by: false,
  withKnownAt: true,
} as const;

test('DuckDB equals the oracle as served', async () => {
  await checkEqualsOracle(executor, propertyCase({ ...offered, mode: 'AS_SERVED' }), 60);
}, 3_600_000);

test('DuckDB equals the oracle by event time', async () => {
  await checkEqualsOracle(executor, propertyCase({ ...offered, mode: 'EVENT_TIME' }), 60);
}, 3_600_000);
