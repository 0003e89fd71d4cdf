import { isDeepStrictEqual } from 'node:util';
import { createMemoryOnlineStore } from '../../adapters/memory/online-store.ts';
import { evaluateCase } from '../../cli/try/evaluate.ts';
import { createOnlineExecutor } from '../../cli/try/executors/online.ts';
import { createOracleExecutor } from '../../cli/try/executors/oracle.ts';
import type { TryExecutor } from '../../cli/try/question.ts';
import { namedParts, readCaseFiles } from '../conformance/cases.ts';
import { checkRandomCases } from '../property/check.ts';
import { deliveries, offlineQuestions, onlineQuestions } from '../property/deliveries.ts';

/*
 * The quick tests on a flipped copy, in one small process: conformance cases by hand, then random ones from a fixed
 * seed. Exits with 10 when a conformance case fails, 11 when a random one does.
 *
 *   node --import tsx test/mutation/quick.ts oracle|online|duckdb SEED
 */

const [area = '', seed = '1'] = process.argv.slice(2);

/** Whatever is thrown counts as a failure of the stage. */
async function stage(exitCode: number, holds: () => Promise<boolean>): Promise<void> {
  const isFine = await holds().catch(() => false);
  if (!isFine) process.exit(exitCode);
}

async function conformance(executor: TryExecutor): Promise<boolean> {
  for (const { isOnline, expected, load } of readCaseFiles(new URL('../conformance/cases/', import.meta.url))) {
    if (area === 'online' && !isOnline) continue;
    const { answers } = await evaluateCase(await load(), executor);
    const found = answers.map((answer, row) => namedParts(answer, expected[row]!));
    // By way of JSON: −0 is 0 there, and what is undefined is absent.
    if (!isDeepStrictEqual(JSON.parse(JSON.stringify(found)), JSON.parse(JSON.stringify(expected)))) return false;
  }
  return true;
}

async function randomCases(executors: Readonly<Record<string, TryExecutor>>, cases: number): Promise<boolean> {
  const questions = area === 'online' ? onlineQuestions : offlineQuestions;
  for (const worlds of [10, 50]) {
    const settings = { ...questions, worlds };
    const { failure } = await checkRandomCases({ executors, settings, cases, seed: Number(seed) });
    if (failure !== null) return false;
  }
  return true;
}

switch (area) {
  case 'oracle':
    await stage(10, () => conformance(createOracleExecutor()));
    break;
  case 'online':
    await stage(10, async () => {
      const openStore = async () => createMemoryOnlineStore();
      const delivery = { batchRecords: 1, byPartition: true, twice: true, rowsAhead: true };
      const unevenly = createOnlineExecutor({ openStore, writers: 2, delivery });
      return (await conformance(createOnlineExecutor({ openStore }))) && (await conformance(unevenly));
    });
    await stage(11, () => randomCases(deliveries, 700));
    break;
  case 'duckdb': {
    const { createDuckDbExecutor } = await import('../../cli/try/executors/duckdb.ts');
    const executor = createDuckDbExecutor();
    await stage(10, () => conformance(executor));
    const inSlices = createDuckDbExecutor({ sliceRows: 5 });
    await stage(11, () => randomCases({ executor, inSlices }, 300));
    break;
  }
  default:
    throw new Error(`no tests for "${area}"`);
}
process.exit(0);
