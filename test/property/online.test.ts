import { afterAll, test } from 'vitest';
import { createMemoryOnlineStore } from '../../adapters/memory/online-store.ts';
import { createOnlineExecutor } from '../../cli/try/executors/online.ts';
import { allFunctions } from './aggregate-definitions.ts';
import { checkEqualsOracle } from './equality.ts';

const offered = { functions: allFunctions, by: true, vectors: true, mode: 'AS_SERVED', withKnownAt: false } as const;
const openStore = async () => createMemoryOnlineStore();

const deliveries = {
  'record by record': createOnlineExecutor({ openStore, delivery: { batchRecords: 1 } }),
  'by two writers that take turns': createOnlineExecutor({ openStore, writers: 2, delivery: { batchRecords: 5 } }),
  'by writers that live for one batch': createOnlineExecutor({
    openStore,
    restarts: true,
    delivery: { batchRecords: 50 },
  }),
  'partition after partition, everything twice': createOnlineExecutor({
    openStore,
    writers: 2,
    delivery: { batchRecords: 3, byPartition: true, twice: true },
  }),
} as const;
afterAll(async () => {
  for (const executor of Object.values(deliveries)) await executor[Symbol.asyncDispose]();
});

test('the online store equals the oracle, however records are delivered', async () => {
  await checkEqualsOracle(deliveries, offered, 1_500);
}, 36_000_000);
