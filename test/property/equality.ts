import { expect, inject } from 'vitest';
import type { CaseSettings } from './cases.ts';
import { type Check, checkRandomCases } from './check.ts';
import { reduceCase } from './reduce.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Set by vitest.deep.config.ts; absent in `npm test`. */
    readonly property?: { readonly cases: number; readonly seed: number | null };
  }
}

/** In earnest many histories share one run, which costs the stores little more than one does. */
const worldsInDepth = 100;

/**
 * Holds executors, which take turns from run to run, equal to the oracle on random cases. Prints the seed; a failure
 * shows the difference and the case, as small as it could be made, on one line: a file for `test/issues/cases/`.
 */
export async function checkEqualsOracle(
  executors: Check['executors'],
  settings: Omit<CaseSettings, 'worlds'>,
  usualCases: number,
): Promise<void> {
  const asked = inject('property');
  const worlds = asked === undefined ? 12 : worldsInDepth;
  const seed = asked?.seed ?? Math.floor(Math.random() * 2 ** 31);
  const started = performance.now();
  const cases = asked?.cases ?? usualCases;
  const { evaluated, failure } = await checkRandomCases({ executors, settings: { ...settings, worlds }, cases, seed });
  const perSecond = Math.round(evaluated / ((performance.now() - started) / 1_000));
  const outcome = failure === null ? 'no difference' : `a difference from ${failure.executor}`;
  const name = expect.getState().currentTestName;
  console.info(`${name}: ${evaluated} random cases, seed ${seed}, ${perSecond} a second: ${outcome}`);
  if (failure === null) return;
  const fails = async (candidate: typeof failure.case) => (await failure.differenceOf(candidate)) !== null;
  const small = await reduceCase(failure.case, fails);
  const difference = (await failure.differenceOf(small)) ?? failure.difference;
  throw new Error(`${failure.executor}, seed ${seed}: ${difference}\n${JSON.stringify(small)}`);
}
