import type { Expression } from '../definitions/model.ts';
import type { ExpressionOperator } from '../definitions/operators.ts';
import { createProblems } from '../definitions/problems.ts';
import { t } from '../definitions/value-types.ts';
import type { ValueType } from '../values/types.ts';
import { type ExpressionFunction, type LiteralNode, type NamedParameter, parametersFor } from './function.ts';
import { expressionFunctions } from './functions.ts';
import { inferTypes } from './infer.ts';
import { columnScope } from './scope.ts';
import { includesType } from './type-sets.ts';

/** What a function takes as an argument: an expression of a type, or this very literal. */
export type SignatureArgument =
  | { readonly kind: 'value'; readonly type: ValueType }
  | { readonly kind: 'constant'; readonly literal: LiteralNode };

export interface Signature {
  readonly op: ExpressionOperator;
  readonly args: readonly SignatureArgument[];
  readonly result: ValueType;
}

/** One type of each kind, and two where pairs of them make a difference. */
export const sampleTypes: readonly ValueType[] = [
  t.int32,
  t.int64,
  t.float64,
  t.decimal(10, 2),
  t.decimal(6, 3),
  t.string,
  t.bool,
  t.timestamp,
  t.vector(3),
  t.list(t.int64),
  t.list(t.string),
  t.map(t.float64),
];

/**
 * Every way to call a function with arguments of these types and with the sample constants of its parameters, with
 * the result's type. Repeated parameters stand once and twice. For tests that draw trees, and for documentation.
 */
export function signaturesOf(op: ExpressionOperator, types: readonly ValueType[] = sampleTypes): readonly Signature[] {
  return argumentCounts(expressionFunctions[op]).flatMap((parameters) =>
    combinations(parameters.map((parameter) => candidates(parameter, types))).flatMap((args) => {
      const result = resultOf(op, args);
      return result === null ? [] : [{ op, args, result }];
    }),
  );
}

function argumentCounts(definition: ExpressionFunction): readonly (readonly NamedParameter[])[] {
  const most = Object.keys(definition.parameters).length + (definition.repeated?.length ?? 0);
  return Array.from({ length: most + 1 }, (_, count) => parametersFor(definition, count)).filter(
    (parameters) => parameters !== null,
  );
}

function candidates({ takes, constant }: NamedParameter, types: readonly ValueType[]): readonly SignatureArgument[] {
  if (constant !== undefined) return constant.samples.map((literal) => ({ kind: 'constant', literal }));
  return types.filter((type) => includesType(takes, type)).map((type) => ({ kind: 'value', type }));
}

function combinations<T>(choices: readonly (readonly T[])[]): readonly (readonly T[])[] {
  return choices.reduce<readonly (readonly T[])[]>(
    (found, choice) => found.flatMap((one) => choice.map((next) => [...one, next])),
    [[]],
  );
}

/** Null where the arguments do not go together. */
function resultOf(op: ExpressionOperator, args: readonly SignatureArgument[]): ValueType | null {
  const fields = args.map((arg, index) => ({
    name: `x${index}`,
    type: arg.kind === 'value' ? arg.type : arg.literal.type,
  }));
  const trees = args.map(
    (arg, index): Expression => (arg.kind === 'value' ? { op: 'col', name: `x${index}` } : arg.literal),
  );
  const typed = inferTypes({ op, args: trees }, columnScope(fields), { path: '', problems: createProblems() });
  return typed?.type ?? null;
}
