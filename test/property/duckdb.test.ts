import { afterAll, test } from 'vitest';
import { createDuckDbExecutor } from '../../cli/try/executors/duckdb.ts';
import { allFunctions } from './aggregate-definitions.ts';
import { checkEqualsOracle } from './equality.ts';

const executor = createDuckDbExecutor();
afterAll(() => executor[Symbol.asyncDispose]());

const offered = { functions: allFunctions, by: true, vectors: true, withKnownAt: true } as const;

test('DuckDB equals the oracle as served', async () => {
  await checkEqualsOracle({ DuckDB: executor }, { ...offered, mode: 'AS_SERVED' }, 240);
}, 36_000_000);

test('DuckDB equals the oracle by event time', async () => {
  await checkEqualsOracle({ DuckDB: executor }, { ...offered, mode: 'EVENT_TIME' }, 120);
}, 36_000_000);
