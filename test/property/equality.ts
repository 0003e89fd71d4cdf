import fc from 'fast-check';
import { expect, inject } from 'vitest';
import { parseCase } from '../../cli/try/cases.ts';
import { evaluateCase } from '../../cli/try/evaluate.ts';
import { createOracleExecutor } from '../../cli/try/executors/oracle.ts';
import type { TryExecutor } from '../../cli/try/question.ts';
import { parseJson } from '../../core/values/parse-json.ts';
import { type CaseSettings, type PropertyCase, propertyCase } from './cases.ts';
import { firstDifference } from './differences.ts';
import { reduceCase } from './reduce.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Set by vitest.deep.config.ts; absent in `npm test`. */
    readonly property?: { readonly cases: number; readonly seed: number | null };
  }
}

const oracle = createOracleExecutor();
/** In earnest many histories share one run, which costs the stores little more than one does. */
const worldsInDepth = 100;

/**
 * Holds executors, which take turns from run to run, equal to the oracle on random cases. Prints the seed; a failure
 * shows the difference and the case, as small as it could be made, on one line: a file for `test/issues/cases/`.
 */
export async function checkEqualsOracle(
  executors: Readonly<Record<string, TryExecutor>>,
  settings: Omit<CaseSettings, 'worlds'>,
  usualCases: number,
): Promise<void> {
  const asked = inject('property');
  const worlds = asked === undefined ? 12 : worldsInDepth;
  const cases = asked?.cases ?? usualCases;
  const seed = asked?.seed ?? Math.floor(Math.random() * 2 ** 31);
  const started = performance.now();
  let evaluated = 0;
  let turn = 0;
  let [name, executor] = ['', oracle];
  const differenceOf = async (drawn: PropertyCase): Promise<string | null> => {
    // By way of its text, as a kept case would be read.
    const values = parseJson(JSON.stringify(drawn)) as Readonly<Record<string, unknown>>;
    const input = await parseCase({ place: drawn.name, values }, '.');
    const { answers: expected } = await evaluateCase(input, oracle);
    const { answers } = await evaluateCase(input, executor);
    return firstDifference(expected, answers);
  };
  const report = (outcome: string) => {
    const perSecond = Math.round(evaluated / ((performance.now() - started) / 1_000));
    const rows = `${evaluated} random cases, seed ${seed}, ${perSecond} a second`;
    console.info(`${expect.getState().currentTestName}: ${rows}: ${outcome}`);
  };

  const details = await fc.check(
    fc.asyncProperty(propertyCase({ ...settings, worlds }), async (drawn) => {
      [name, executor] = Object.entries(executors)[turn++ % Object.keys(executors).length]!;
      const difference = await differenceOf(drawn);
      evaluated += new Set(drawn.spine.map(({ world }) => world)).size;
      if (difference !== null) throw new Error(difference);
    }),
    // Shrinking is done by dropping rows, columns and features, which says more than smaller numbers do.
    { numRuns: Math.ceil(cases / worlds), seed, endOnFailure: true },
  );
  if (!details.failed) return report('no difference');
  report(`failed at run ${details.numRuns}`);
  const failed = details.counterexample?.[0];
  if (failed === undefined) throw details.errorInstance;
  const small = await reduceCase(failed, async (candidate) => (await outcomeOf(differenceOf, candidate)) !== null);
  throw new Error(`${name}, seed ${seed}: ${await outcomeOf(differenceOf, small)}\n${JSON.stringify(small)}`, {
    cause: details.errorInstance,
  });
}

/** What is wrong with a case: a difference, or what was thrown. */
async function outcomeOf(
  differenceOf: (drawn: PropertyCase) => Promise<string | null>,
  drawn: PropertyCase,
): Promise<string | null> {
  try {
    return await differenceOf(drawn);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // A case that lost something it needs is no failing case.
    return /BAD_DEFINITION|BAD_INPUT/.test(message) ? null : message;
  }
}
