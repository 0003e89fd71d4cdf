import {
  allKinds,
  type BoolType,
  type DecimalType,
  type IdentityType,
  type IntegerType,
  identityKinds,
  integerKinds,
  type ListType,
  type MapType,
  type NumericType,
  numericKinds,
  type OrderedType,
  orderedKinds,
  type StringType,
  type TimestampType,
  type TypeKind,
  type VectorType,
} from '../definitions/value-types.ts';
import type { ValueType } from '../values/types.ts';

/**
 * The types that an argument may have. `text` names them in the plan's refusals, in documentation and, by its own
 * type, in the compiler's errors.
 */
export interface TypeSet<Text extends string = string, out Type extends ValueType = ValueType> {
  readonly text: Text;
  readonly kinds: readonly TypeKind[];
  /** Never there: it carries the types to the builder. */
  readonly type?: Type;
}

export function typeSet<Type extends ValueType>(kinds: readonly TypeKind[]) {
  return <const Text extends string>(text: Text): TypeSet<Text, Type> => ({ text, kinds });
}

export const anything = typeSet<ValueType>(allKinds)('a value of any type');
export const bool = typeSet<BoolType>(['bool'])('a bool');
export const text = typeSet<StringType>(['string'])('a string');
export const instant = typeSet<TimestampType>(['timestamp'])('a timestamp');
export const number = typeSet<NumericType>(numericKinds)('a number (int32, int64, float64 or decimal)');
export const integer = typeSet<IntegerType>(integerKinds)('an integer (int32 or int64)');
export const decimal = typeSet<DecimalType>(['decimal'])('a decimal');
export const list = typeSet<ListType>(['list'])('a list');
export const vector = typeSet<VectorType>(['vector'])('a vector');
export const ordered = typeSet<OrderedType>(orderedKinds)('a number, string or timestamp');
export const scalar = typeSet<OrderedType | BoolType>([...orderedKinds, 'bool'])('a number, string, bool or timestamp');
export const identity = typeSet<IdentityType>(identityKinds)('an integer, decimal, string, bool or timestamp');
export const numberOrText = typeSet<NumericType | StringType>([...numericKinds, 'string'])('a number or a string');
export const integerOrText = typeSet<IntegerType | StringType>([...integerKinds, 'string'])('an integer or a string');
export const scalarButTime = typeSet<NumericType | StringType | BoolType>([...numericKinds, 'string', 'bool'])(
  'a number, string or bool',
);
export const listOrVector = typeSet<ListType | VectorType>(['list', 'vector'])('a list or vector');
export const collection = typeSet<ListType | VectorType | MapType>(['list', 'map', 'vector'])('a list, map or vector');
export const container = typeSet<ListType | MapType | StringType>(['string', 'list', 'map'])('a string, list or map');
export const measured = typeSet<ListType | VectorType | MapType | StringType>(['string', 'list', 'map', 'vector'])(
  'a string, list, map or vector',
);

export function includesType(set: TypeSet, type: ValueType): boolean {
  return set.kinds.includes(type.kind);
}
