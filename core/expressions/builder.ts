import {
  type DescribedFeature,
  type Description,
  expressionFeature,
  type FeatureBuilder,
} from '../definitions/builders/feature.ts';
import type { Expression, ExpressionOperator, JsonValue } from '../definitions/model.ts';
import type { BoolType, NumericType, OrderedType } from '../definitions/value-types.ts';
import type { ValueType } from '../values/types.ts';

/** A constant of TypeScript: whole numbers become int64 (and adapt), others float64, dates timestamps. */
export type Constant = string | number | bigint | boolean | Date;
export type AnyExpression = ExpressionBuilder<never, ValueType>;
export type Operand = Constant | AnyExpression;

/**
 * A typed expression. `Needs` says which columns (or inputs) of which types it reads, so that the compiler refuses
 * it where they are not there; `Type` is its result as far as it is known while writing.
 */
export class ExpressionBuilder<in Needs, out Type extends ValueType> {
  declare readonly needs?: (columns: Needs) => void;
  declare readonly type?: Type;
  readonly tree: Expression;

  constructor(tree: Expression) {
    this.tree = tree;
  }

  eq<S extends AnyExpression, O extends Operand>(this: S, other: O): Pair<S, O, Accepts<O>, BoolType> {
    return call('eq', this, other);
  }
  ne<S extends AnyExpression, O extends Operand>(this: S, other: O): Pair<S, O, Accepts<O>, BoolType> {
    return call('ne', this, other);
  }
  lt<S extends AnyExpression, O extends Operand>(this: S, other: O): Pair<S, O, Accepts<O> & OrderedType, BoolType> {
    return call('lt', this, other);
  }
  lte<S extends AnyExpression, O extends Operand>(this: S, other: O): Pair<S, O, Accepts<O> & OrderedType, BoolType> {
    return call('lte', this, other);
  }
  gt<S extends AnyExpression, O extends Operand>(this: S, other: O): Pair<S, O, Accepts<O> & OrderedType, BoolType> {
    return call('gt', this, other);
  }
  gte<S extends AnyExpression, O extends Operand>(this: S, other: O): Pair<S, O, Accepts<O> & OrderedType, BoolType> {
    return call('gte', this, other);
  }
  /** TRUE when equal to one of the candidates. */
  in<S extends AnyExpression, O extends Operand>(this: S, candidates: readonly O[]): Pair<S, O, Accepts<O>, BoolType> {
    return call('in', this, ...candidates);
  }
  and<S extends AnyExpression, O extends AnyExpression>(this: S, other: O): Pair<S, O, BoolType, BoolType> {
    return call('and', this, other);
  }
  or<S extends AnyExpression, O extends AnyExpression>(this: S, other: O): Pair<S, O, BoolType, BoolType> {
    return call('or', this, other);
  }
  not<S extends AnyExpression>(this: S): ExpressionBuilder<NeedsAs<S, BoolType>, BoolType> {
    return call('not', this);
  }
  isNull<S extends AnyExpression>(this: S): ExpressionBuilder<NeedsAs<S, ValueType>, BoolType> {
    return call('isNull', this);
  }
  isNotNull<S extends AnyExpression>(this: S): ExpressionBuilder<NeedsAs<S, ValueType>, BoolType> {
    return call('isNotNull', this);
  }
  add<S extends AnyExpression, O extends Operand>(this: S, other: O): Pair<S, O, NumericType, NumericType> {
    return call('add', this, other);
  }
  sub<S extends AnyExpression, O extends Operand>(this: S, other: O): Pair<S, O, NumericType, NumericType> {
    return call('sub', this, other);
  }
  mul<S extends AnyExpression, O extends Operand>(this: S, other: O): Pair<S, O, NumericType, NumericType> {
    return call('mul', this, other);
  }
  /** Float division; x/0 is NULL. */
  div<S extends AnyExpression, O extends Operand>(this: S, other: O): Pair<S, O, NumericType, { kind: 'float64' }> {
    return call('div', this, other);
  }
  /** Integer division, truncated toward zero; by 0 NULL. */
  idiv<S extends AnyExpression, O extends Operand>(this: S, other: O): Pair<S, O, NumericType, NumericType> {
    return call('idiv', this, other);
  }
  /** The remainder of `idiv`, with the sign of the dividend; by 0 NULL. */
  mod<S extends AnyExpression, O extends Operand>(this: S, other: O): Pair<S, O, NumericType, NumericType> {
    return call('mod', this, other);
  }
  neg<S extends AnyExpression>(this: S): ExpressionBuilder<NeedsAs<S, NumericType>, NumericType> {
    return call('neg', this);
  }
  abs<S extends AnyExpression>(this: S): ExpressionBuilder<NeedsAs<S, NumericType>, NumericType> {
    return call('abs', this);
  }
  /** The first that is not NULL. */
  coalesce<S extends AnyExpression, O extends Operand>(this: S, other: O): Pair<S, O, ValueType, ValueType> {
    return call('coalesce', this, other);
  }
  /** As a feature with a value that replaces a cell which is not PRESENT. */
  default(value: JsonValue): FeatureBuilder<Needs> {
    return expressionFeature<Needs>(this.tree).default(value);
  }
  /** As a feature with what people search and read. */
  describe(description: Description): FeatureBuilder<Needs> {
    return expressionFeature<Needs>(this.tree).describe(description);
  }
  /** How a view stores it. */
  toFeature(): DescribedFeature {
    return expressionFeature<Needs>(this.tree).definition;
  }
}

/** One column or input, whose type the operation around it decides. */
export class ColumnBuilder<out Name extends string> extends ExpressionBuilder<
  { readonly [K in Name]: ValueType },
  ValueType
> {
  readonly column: Name;

  constructor(column: Name, tree: Expression) {
    super(tree);
    this.column = column;
  }
}

/** What an operand requires of the columns it reads when it must be of type `Wanted`. */
export type NeedsAs<O, Wanted> =
  O extends ColumnBuilder<infer Name>
    ? { readonly [K in Name]: Wanted }
    : O extends ExpressionBuilder<infer Needs, ValueType>
      ? Needs
      : unknown;

type Pair<A, B, Wanted, Result extends ValueType> = ExpressionBuilder<NeedsAs<A, Wanted> & NeedsAs<B, Wanted>, Result>;

/** The types that can stand beside an operand. */
type Accepts<O> = O extends number | bigint
  ? NumericType
  : O extends string
    ? { readonly kind: 'string' }
    : O extends boolean
      ? BoolType
      : O extends Date
        ? { readonly kind: 'timestamp' }
        : ValueType;

function call<Needs, Type extends ValueType>(
  op: ExpressionOperator,
  ...operands: readonly Operand[]
): ExpressionBuilder<Needs, Type> {
  return new ExpressionBuilder({ op, args: operands.map(operandTree) });
}

function operandTree(operand: Operand): Expression {
  return operand instanceof ExpressionBuilder ? operand.tree : lit(operand).tree;
}

/** A column of the view's source. */
export function col<Name extends string>(name: Name): ColumnBuilder<Name> {
  return new ColumnBuilder(name, { op: 'col', name });
}

/** A request-time input of an on-demand view. */
export function request<Name extends string>(name: Name): ColumnBuilder<`request.${Name}`> {
  return new ColumnBuilder(`request.${name}`, { op: 'request', name });
}

/** A constant; give its type where TypeScript's own is too wide: `lit('9.99', t.decimal(10, 2))`, `lit(null, t.string)`. */
export function lit(value: Constant | null, type?: ValueType): ExpressionBuilder<unknown, ValueType> {
  return new ExpressionBuilder({ op: 'lit', type: type ?? constantType(value), value: constantJson(value) });
}

/** `when(condition, value)`, then `.when(…)` for more, and `.otherwise(value)`; without a match NULL. */
export function when<C extends AnyExpression, V extends Operand>(condition: C, value: V) {
  return new CaseBuilder<NeedsAs<C, BoolType> & NeedsAs<V, ValueType>>([condition.tree, operandTree(value)]);
}

class CaseBuilder<in Needs> extends ExpressionBuilder<Needs, ValueType> {
  readonly #args: readonly Expression[];

  constructor(args: readonly Expression[]) {
    super({ op: 'case', args });
    this.#args = args;
  }

  when<C extends AnyExpression, V extends Operand>(condition: C, value: V) {
    return new CaseBuilder<Needs & NeedsAs<C, BoolType> & NeedsAs<V, ValueType>>([
      ...this.#args,
      condition.tree,
      operandTree(value),
    ]);
  }

  otherwise<V extends Operand>(value: V): ExpressionBuilder<Needs & NeedsAs<V, ValueType>, ValueType> {
    return new ExpressionBuilder({ op: 'case', args: [...this.#args, operandTree(value)] });
  }
}

function constantType(value: Constant | null): ValueType {
  switch (typeof value) {
    case 'boolean':
      return { kind: 'bool' };
    case 'number':
      return Number.isInteger(value) ? { kind: 'int64' } : { kind: 'float64' };
    case 'bigint':
      return { kind: 'int64' };
    default:
      return { kind: value instanceof Date ? 'timestamp' : 'string' };
  }
}

function constantJson(value: Constant | null): JsonValue {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  return value;
}
