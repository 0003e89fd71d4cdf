import type { CellStatus, CompiledExpression } from '../definitions/compiled.ts';
import { expressionSteps } from '../expressions/steps.ts';
import type { Value } from '../values/types.ts';
import { describeStep } from './describe-record.ts';
import type { ComputedPart, ExplainedInput, Explanation } from './explanation.ts';
import { carriedRounding } from './rounding.ts';
import type { Verdict } from './verdict.ts';

/** An explanation with the value that it came to, as other code takes it. */
export interface Explained {
  readonly explanation: Explanation;
  readonly value: Value;
  readonly defaulted: boolean;
}

/** What an expression reads, by the name that its steps have for it. */
export type ComputedInput = { readonly name: string; readonly from: 'request'; readonly value: unknown } | ReadInput;

export interface ReadInput {
  readonly name: string;
  readonly from: 'feature' | 'column';
  readonly explained: Explained;
}

export function hasDefaulted(inputs: readonly ComputedInput[]): boolean {
  return inputs.some((input) => input.from !== 'request' && input.explained.defaulted);
}

/**
 * A request-time feature: the expression over its inputs.
 *
 * @param row of the expression
 */
export function requestVerdict(
  expression: CompiledExpression,
  inputs: readonly ComputedInput[],
  row: readonly Value[],
): Verdict<ComputedPart> {
  const steps = expressionSteps(expression, row);
  const { value } = steps;
  const tolerances = inputs.map((input) => (input.from === 'request' ? 0 : input.explained.explanation.tolerance));
  return {
    value,
    status: value === null ? 'NULL' : 'PRESENT',
    tolerance: carriedRounding(Math.max(0, ...tolerances), value),
    reason: `computed by ${steps.text}`,
    part: { kind: 'computed', expression: describeStep(steps), inputs: inputs.map(describeInput) },
  };
}

/** A derived feature: the same over inputs of its own view, and absent with that. `inputs` make the expression's row. */
export function derivedVerdict(expression: CompiledExpression, inputs: readonly ReadInput[]): Verdict<ComputedPart> {
  const row = inputs.map(({ explained }) => explained.value);
  const computed = requestVerdict(expression, inputs, row);
  const absent = inputs.map(({ explained }) => explained.explanation.status).find(isAbsent);
  if (absent === undefined) return computed;
  if (hasDefaulted(inputs)) {
    return { ...computed, status: absent, reason: `${computed.reason}, from a default: the view is ${absent}` };
  }
  const reason = `the view is ${absent}, and no input has a default`;
  return { ...computed, value: null, tolerance: 0, status: absent, reason };
}

function isAbsent(status: CellStatus): boolean {
  return status !== 'PRESENT' && status !== 'NULL';
}

function describeInput(input: ComputedInput): ExplainedInput {
  if (input.from === 'request') return input;
  const { name, from, explained } = input;
  return { name, from, explanation: explained.explanation };
}
