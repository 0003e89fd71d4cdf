import type { ValueReading } from '../../../core/online/reader.ts';
import type { SystemClock } from '../../../core/ports/clocks.ts';
import type { FixedPlan } from '../../../runtime/execution/planned-execution.ts';
import type { AnswerDirectly } from '../../../runtime/graph.ts';
import type { BatchedReads } from '../batched-reads.ts';
import type { OnlineLimits } from '../deps.ts';
import { createRequestBudget } from '../request-budget.ts';
import { askFor } from './ask.ts';
import { compileReads } from './compile.ts';
import { answerVectors, compileVectors } from './vectors.ts';
import { writeAnswer } from './write-answer.ts';

export interface DirectReadDeps {
  readonly values: BatchedReads<ValueReading>;
  readonly limits: OnlineLimits;
  readonly systemClock: SystemClock;
}

/**
 * Queries of nothing but typed reads, or of feature vectors, which are most of what a feature store is asked: one read of the
 * store, and its values written as JSON where the answer has them. What is refused, or unusual, is left to the executor
 * and its words.
 */
export function createDirectReads(deps: DirectReadDeps): (fixed: FixedPlan) => AnswerDirectly | null {
  const { values, limits } = deps;
  return (fixed) => {
    const vectors = compileVectors(fixed);
    if (vectors !== null) {
      return ({ variables: given }) => {
        const variables = fixed.readVariables(given);
        return variables === null ? null : answerVectors(vectors, variables, createRequestBudget(deps));
      };
    }
    const plan = compileReads(fixed);
    if (plan === null) return null;
    return ({ variables: given }) => {
      const variables = fixed.readVariables(given);
      const asked = variables === null ? null : askFor(plan, variables, limits);
      return asked === null ? null : values.load(asked.requests).then((found) => writeAnswer(asked, found));
    };
  };
}
