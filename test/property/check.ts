import fc from 'fast-check';
import { parseCase } from '../../cli/try/cases.ts';
import { evaluateCase } from '../../cli/try/evaluate.ts';
import { createOracleExecutor } from '../../cli/try/executors/oracle.ts';
import type { TryExecutor } from '../../cli/try/question.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import { parseJson } from '../../core/values/parse-json.ts';
import { type CaseSettings, type PropertyCase, propertyCase } from './cases.ts';
import { firstDifference } from './differences.ts';

const oracle = createOracleExecutor();

export interface Check {
  /** By name; they take turns from run to run. */
  readonly executors: Readonly<Record<string, TryExecutor>>;
  readonly settings: CaseSettings;
  readonly cases: number;
  readonly seed: number;
}

export interface Checked {
  /** Random cases that were evaluated: each world of a run is one. */
  readonly evaluated: number;
  readonly failure: {
    readonly executor: string;
    readonly difference: string;
    readonly case: PropertyCase;
    /** The same question of a smaller case; null = it does not fail, or is no case any more. */
    differenceOf(candidate: PropertyCase): Promise<string | null>;
  } | null;
}

/** Holds executors equal to the oracle on random cases, until the first difference. */
export async function checkRandomCases({ executors, settings, cases, seed }: Check): Promise<Checked> {
  const named = Object.entries(executors);
  let evaluated = 0;
  let turn = -1;
  const details = await fc.check(
    fc.asyncProperty(propertyCase(settings), async (drawn) => {
      turn++;
      const [, executor] = named[turn % named.length]!;
      const difference = await differenceFromOracle(drawn, executor);
      evaluated += new Set(drawn.spine.map(({ world }) => world)).size;
      if (difference !== null) throw new Error(difference);
    }),
    // Shrinking is done by dropping rows, columns and features, which says more than smaller numbers do.
    { numRuns: Math.ceil(cases / settings.worlds), seed, endOnFailure: true },
  );
  const failed = details.counterexample?.[0];
  if (failed === undefined) return { evaluated, failure: null };
  const [name, executor] = named[turn % named.length]!;
  const difference = details.errorInstance instanceof Error ? details.errorInstance.message : 'it threw';
  return {
    evaluated,
    failure: { executor: name, difference, case: failed, differenceOf: (candidate) => outcomeOf(candidate, executor) },
  };
}

async function differenceFromOracle(drawn: PropertyCase, executor: TryExecutor): Promise<string | null> {
  // By way of its text, as a kept case would be read.
  const values = parseJson(JSON.stringify(drawn)) as Readonly<Record<string, unknown>>;
  const input = await parseCase({ place: drawn.name, values }, '.');
  const { answers: expected } = await evaluateCase(input, oracle);
  const { answers } = await evaluateCase(input, executor);
  return firstDifference(expected, answers);
}

async function outcomeOf(candidate: PropertyCase, executor: TryExecutor): Promise<string | null> {
  try {
    return await differenceFromOracle(candidate, executor);
  } catch (error) {
    // A case that lost something it needs is no failing case.
    if (error instanceof AsofError && (error.code === 'BAD_DEFINITION' || error.code === 'BAD_INPUT')) return null;
    return error instanceof Error ? error.message : String(error);
  }
}
