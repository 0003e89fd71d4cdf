import { createMemoryOnlineStore } from '../../adapters/memory/online-store.ts';
import { createOnlineExecutor } from '../../cli/try/executors/online.ts';
import { allFunctions } from './aggregate-definitions.ts';
import type { CaseSettings } from './cases.ts';

const openStore = async () => createMemoryOnlineStore();

/** The ways in which records reach the online store; none of them may change a value. */
export const deliveries = {
  'record by record': createOnlineExecutor({ openStore, delivery: { batchRecords: 1 } }),
  'by two writers that take turns': createOnlineExecutor({ openStore, writers: 2, delivery: { batchRecords: 5 } }),
  'by writers that live for one batch, rows ahead of their time': createOnlineExecutor({
    openStore,
    restarts: true,
    delivery: { batchRecords: 50, rowsAhead: true },
  }),
  'partition after partition, everything twice': createOnlineExecutor({
    openStore,
    writers: 2,
    delivery: { batchRecords: 3, byPartition: true, twice: true },
  }),
} as const;

type Questions = Omit<CaseSettings, 'worlds'>;

/** What the online store is asked: as served, with what is known at the time of the question. */
export const onlineQuestions: Questions = {
  functions: allFunctions,
  by: true,
  vectors: true,
  mode: 'AS_SERVED',
  withKnownAt: false,
};

/** What the offline store is asked. */
export const offlineQuestions: Questions = { ...onlineQuestions, withKnownAt: true };
