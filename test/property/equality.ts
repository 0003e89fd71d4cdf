import fc from 'fast-check';
import { inject } from 'vitest';
import { parseCase } from '../../cli/try/cases.ts';
import { evaluateCase, type TryAnswer } from '../../cli/try/evaluate.ts';
import { createOracleExecutor } from '../../cli/try/executors/oracle.ts';
import type { TryExecutor } from '../../cli/try/question.ts';
import { parseJson } from '../../core/values/parse-json.ts';
import type { PropertyCase } from './cases.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Set by vitest.deep.config.ts; absent in `npm test`. */
    readonly property?: { readonly runs: number; readonly seed: number | null };
  }
}

const oracle = createOracleExecutor();

/** Holds an executor equal to the oracle on random cases. Prints the seed; a failure shows the shrunk case as one line. */
export async function checkEqualsOracle(
  executor: TryExecutor,
  cases: fc.Arbitrary<PropertyCase>,
  usualRuns: number,
): Promise<void> {
  const asked = inject('property');
  const numRuns = asked?.runs ?? usualRuns;
  const seed = asked?.seed ?? Math.floor(Math.random() * 2 ** 31);
  console.info(`${numRuns} random cases, seed ${seed}`);
  await fc.assert(
    fc.asyncProperty(cases, async (drawn) => {
      const [expected, got] = await Promise.all([answersOf(drawn, oracle), answersOf(drawn, executor)]);
      const difference = firstDifference(expected, got);
      if (difference !== null) throw new Error(`${difference}\n${JSON.stringify(drawn)}`);
    }),
    { numRuns, seed },
  );
}

async function answersOf(drawn: PropertyCase, executor: TryExecutor): Promise<readonly TryAnswer[]> {
  // By way of its text, as a kept case would be read.
  const values = parseJson(JSON.stringify(drawn)) as Readonly<Record<string, unknown>>;
  const { answers } = await evaluateCase(await parseCase({ place: drawn.name, values }, '.'), executor);
  return answers;
}

function firstDifference(expected: readonly TryAnswer[], got: readonly TryAnswer[]): string | null {
  for (const [row, answer] of expected.entries()) {
    const [wanted, found] = [JSON.stringify(answer), JSON.stringify(got[row])];
    if (wanted !== found) return `row ${row}: the oracle says\n${wanted}\nbut\n${found}`;
  }
  return expected.length === got.length ? null : `${got.length} rows for ${expected.length}`;
}
