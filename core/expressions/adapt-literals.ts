import { numericKinds } from '../definitions/value-types.ts';
import type { Value, ValueType } from '../values/types.ts';
import type { ExpressionFunction, NamedParameter } from './function.ts';
import { literalValue } from './literals.ts';
import { includesType } from './type-sets.ts';
import type { TypedExpression, TypedLiteral } from './typed.ts';

/**
 * Integer literals, and lists of them, take the numeric type of the first other number among the arguments. This is
 * all that ever adapts; what does not fit stays as it is, and is reported as a difference of types.
 */
export function adaptLiterals(
  args: readonly TypedExpression[],
  parameters: readonly NamedParameter[],
  mode: ExpressionFunction['literals'],
): readonly TypedExpression[] {
  if (mode === 'asWritten') return args;
  const target = args.find((arg) => !isIntegerLiteral(arg) && numericKinds.includes(arg.type.kind))?.type;
  if (target === undefined || target.kind === 'int64') return args;
  return args.map((arg, index) => {
    // A size or a place beside the numbers stays an integer.
    if (isIntegerLiteral(arg) && !includesType(parameters[index]!.takes, target)) return arg;
    if (isIntegerLiteral(arg)) return adapted(arg, target, mode) ?? arg;
    return isIntegerListLiteral(arg) ? (adaptedList(arg, target) ?? arg) : arg;
  });
}

function isIntegerLiteral(arg: TypedExpression): arg is TypedLiteral {
  return arg.kind === 'literal' && arg.type.kind === 'int64';
}

function isIntegerListLiteral(arg: TypedExpression): arg is TypedLiteral {
  return arg.kind === 'literal' && arg.type.kind === 'list' && arg.type.element.kind === 'int64';
}

function adapted({ value }: TypedLiteral, target: ValueType, mode: 'same' | 'arithmetic'): TypedLiteral | null {
  const type: ValueType =
    mode === 'arithmetic' && target.kind === 'decimal' && value !== null
      ? { kind: 'decimal', precision: Math.max(1, String(value).replace('-', '').length), scale: 0 }
      : target;
  return fitted(type, value);
}

function adaptedList({ value }: TypedLiteral, element: ValueType): TypedLiteral | null {
  if (value === null) return null;
  const elements = (value as readonly Value[]).map((one) => fitted(element, one));
  if (elements.includes(null)) return null;
  return { kind: 'literal', type: { kind: 'list', element }, value: elements.map((one) => one!.value) };
}

/** Null when the integer does not fit. */
function fitted(type: ValueType, integer: Value): TypedLiteral | null {
  const value = literalValue(type, type.kind === 'float64' && integer !== null ? Number(integer) : integer);
  return value === undefined ? null : { kind: 'literal', type, value };
}
