import { afterAll, test } from 'vitest';
import { createMemoryOnlineStore } from '../../adapters/memory/online-store.ts';
import { createOnlineExecutor } from '../../cli/try/executors/online.ts';
import { allFunctions } from './aggregate-definitions.ts';
import { propertyCase } from './cases.ts';
import { checkEqualsOracle } from './equality.ts';

const cases = propertyCase({ functions: allFunctions, by: true, mode: 'AS_SERVED', withKnownAt: false });
const openStore = async () => createMemoryOnlineStore();

const oneByOne = createOnlineExecutor({ openStore, batchRecords: 1 });
const twoWriters = createOnlineExecutor({ openStore, batchRecords: 5, writers: 2 });
afterAll(async () => {
  await oneByOne[Symbol.asyncDispose]();
  await twoWriters[Symbol.asyncDispose]();
});

test('the online store, record by record, equals the oracle', async () => {
  await checkEqualsOracle(oneByOne, cases, 400);
}, 3_600_000);

test('two writers that take turns equal the oracle', async () => {
  await checkEqualsOracle(twoWriters, cases, 400);
}, 3_600_000);
