import type { ValueType } from '../values/types.ts';

export type ScalarKind = 'int32' | 'int64' | 'float64' | 'string' | 'bool' | 'timestamp';
export type TypeKind = ValueType['kind'];

type Scalar<K extends ScalarKind> = { readonly kind: K };
type Decimal = { readonly kind: 'decimal'; readonly precision: number; readonly scale: number };
type Vector = { readonly kind: 'vector'; readonly length: number };
type List<E extends ValueType> = { readonly kind: 'list'; readonly element: E };
type MapOf<V extends ValueType> = { readonly kind: 'map'; readonly value: V };

/** The types of columns, join keys, request inputs and features. */
export const t = {
  int32: { kind: 'int32' } as Scalar<'int32'>,
  int64: { kind: 'int64' } as Scalar<'int64'>,
  float64: { kind: 'float64' } as Scalar<'float64'>,
  string: { kind: 'string' } as Scalar<'string'>,
  bool: { kind: 'bool' } as Scalar<'bool'>,
  /** An instant with millisecond precision, UTC. */
  timestamp: { kind: 'timestamp' } as Scalar<'timestamp'>,
  /** An exact number of `precision` digits (1 to 38), `scale` of them behind the point. */
  decimal: (precision: number, scale: number): Decimal => ({ kind: 'decimal', precision, scale }),
  /** An embedding: a fixed number of float64 elements. */
  vector: (length: number): Vector => ({ kind: 'vector', length }),
  list: <E extends ValueType>(element: E): List<E> => ({ kind: 'list', element }),
  map: <V extends ValueType>(value: V): MapOf<V> => ({ kind: 'map', value }),
} as const;

/** As people read it: "int64", "decimal(10,2)", "list(string)". */
export function typeText(type: ValueType): string {
  switch (type.kind) {
    case 'decimal':
      return `decimal(${type.precision},${type.scale})`;
    case 'vector':
      return `vector(${type.length})`;
    case 'list':
      return `list(${typeText(type.element)})`;
    case 'map':
      return `map(${typeText(type.value)})`;
    default:
      return type.kind;
  }
}

const scalarKinds: readonly ScalarKind[] = ['int32', 'int64', 'float64', 'string', 'bool', 'timestamp'];

/** The type that `typeText` gave this text; null = it gave it for none. */
export function typeOfText(text: string): ValueType | null {
  const kind = scalarKinds.find((known) => known === text);
  if (kind !== undefined) return { kind };
  const [, outer, inner = ''] = /^(decimal|vector|list|map)\((.+)\)$/.exec(text) ?? [];
  const numbers = inner.split(',').map(Number);
  const [first = Number.NaN, scale = Number.NaN] = numbers;
  if (outer === 'decimal') return numbers.length === 2 ? { kind: outer, precision: first, scale } : null;
  if (outer === 'vector') return Number.isInteger(first) ? { kind: outer, length: first } : null;
  const below = outer === undefined ? null : typeOfText(inner);
  if (below === null) return null;
  return outer === 'list' ? { kind: outer, element: below } : { kind: 'map', value: below };
}

export function sameType(a: ValueType, b: ValueType): boolean {
  return a === b || typeText(a) === typeText(b);
}

export const integerKinds: readonly TypeKind[] = ['int32', 'int64'];
/** Numbers that never lose a digit. */
export const exactKinds: readonly TypeKind[] = [...integerKinds, 'decimal'];
export const numericKinds: readonly TypeKind[] = [...exactKinds, 'float64'];
export const orderedKinds: readonly TypeKind[] = [...numericKinds, 'string', 'timestamp'];
/** What a join key part, a category or a distinct count may be: equality on it is exact. */
export const identityKinds: readonly TypeKind[] = [...exactKinds, 'string', 'bool', 'timestamp'];
export const allKinds: readonly TypeKind[] = [...orderedKinds, 'bool', 'vector', 'list', 'map'];

export type IntegerType = Scalar<'int32' | 'int64'>;
export type ExactType = IntegerType | Decimal;
export type NumericType = ExactType | Scalar<'float64'>;
export type OrderedType = NumericType | Scalar<'string' | 'timestamp'>;
export type IdentityType = ExactType | Scalar<'string' | 'bool' | 'timestamp'>;
export type BoolType = Scalar<'bool'>;
export type VectorType = Vector;
export type Int64Type = Scalar<'int64'>;
export type Float64Type = Scalar<'float64'>;
export type DecimalType = Decimal;
export type StringType = Scalar<'string'>;
export type TimestampType = Scalar<'timestamp'>;
export type ListType = List<ValueType>;
export type MapType = MapOf<ValueType>;
