import { afterAll, test } from 'vitest';
import { createDuckDbExecutor } from '../../cli/try/executors/duckdb.ts';
import { checkEqualsOracle } from './equality.ts';

const executor = createDuckDbExecutor();
afterAll(() => executor[Symbol.asyncDispose]());

const offered = {
  functions: [
    'countRows',
    'count',
    'sum',
    'avg',
    'varSamp',
    'varPop',
    'stddevSamp',
    'stddevPop',
    'min',
    'max',
    'first',
    'last',
  ],
  by: false,
  vectors: false,
  withKnownAt: true,
} as const;

test('DuckDB equals the oracle as served', async () => {
  await checkEqualsOracle(executor, { ...offered, mode: 'AS_SERVED' }, 300);
}, 36_000_000);

test('DuckDB equals the oracle by event time', async () => {
  await checkEqualsOracle(executor, { ...offered, mode: 'EVENT_TIME' }, 300);
}, 36_000_000);
