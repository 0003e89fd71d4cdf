import { type Integer, valueToDouble } from '../../values/integers.ts';
import type { Value } from '../../values/types.ts';
import type { ConstantRule, LiteralNode } from '../function.ts';
import type { TypedExpression, TypedLiteral } from '../typed.ts';

type Constant = Exclude<Value, null>;

/** The value of an argument whose parameter has a constant rule; what is not NULL by that rule. */
export function constantOf(arg: TypedExpression | undefined): Constant {
  return (arg as TypedLiteral).value as Constant;
}

export function constantNumber(arg: TypedExpression | undefined): number {
  return valueToDouble(constantOf(arg));
}

/** A whole number within bounds. */
export function wholeNumber(min: number, max: number, samples: readonly LiteralNode[]): ConstantRule {
  return {
    text: `a whole number from ${min} to ${max}`,
    accepts: (value) => (value as Integer) >= min && (value as Integer) <= max,
    samples,
  };
}
