import {
  type DescribedFeature,
  type Description,
  expressionFeature,
  type FeatureBuilder,
} from '../definitions/builders/feature.ts';
import type { Expression, JsonValue } from '../definitions/model.ts';
import type { ExpressionOperator } from '../definitions/operators.ts';
import type {
  BoolType,
  Float64Type,
  IntegerType,
  NumericType,
  OrderedType,
  StringType,
  TimestampType,
} from '../definitions/value-types.ts';
import type { ValueType } from '../values/types.ts';
import { type Constant, constantJson, constantType, type WrittenConstant } from './constants.ts';
import type * as sets from './type-sets.ts';
import type { TypeSet } from './type-sets.ts';

export type AnyExpression = ExpressionBuilder<never, ValueType>;
export type Operand = Constant | AnyExpression;

/** What the compiler shows where an operand is refused; the plan refuses the JSON with the same words. */
export interface Refused<out Text extends string> {
  readonly refused: Text;
}

/** The type of an operand, as far as it is known while writing. */
export type TypeOf<O> =
  O extends ExpressionBuilder<never, infer Type>
    ? Type
    : O extends number | bigint
      ? NumericType
      : O extends string
        ? StringType
        : O extends boolean
          ? BoolType
          : O extends Date
            ? TimestampType
            : ValueType;

/** No restriction where the operand can have a type of the set; else the reason why not. */
export type Takes<O, Op extends string, Name extends string, Set extends TypeSet> =
  Set extends TypeSet<infer Text, infer Wanted>
    ? [TypeOf<O>['kind'] & Wanted['kind']] extends [never]
      ? Refused<`"${Op}" does not take this type as ${Name}; expected ${Text}; got ${TypeOf<O>['kind']}`>
      : unknown
    : never;

/** No restriction where both operands can have one type; else the reason why not. */
export type Agrees<A, B, Op extends string, Text extends string> = [TypeOf<A>['kind'] & TypeOf<B>['kind']] extends [
  never,
]
  ? Refused<`"${Op}" does not take these types; expected ${Text}; got ${TypeOf<A>['kind']}, ${TypeOf<B>['kind']}`>
  : unknown;

/** What an operand requires of the columns that it reads when it must be of type `Wanted`. */
export type NeedsAs<O, Wanted> =
  O extends ColumnBuilder<infer Name>
    ? { readonly [K in Name]: Wanted }
    : O extends ExpressionBuilder<infer Needs, ValueType>
      ? Needs
      : unknown;

/** Never there: it brings the words of the plan into the compiler's error about a column. */
export interface Said<Text extends string> {
  readonly said?: Text;
}

/** What an operand requires of the columns that it reads when it is this argument of a function. */
export type NeedsIn<O, Op extends string, Name extends string, Set extends TypeSet> =
  Set extends TypeSet<infer Text, infer Wanted>
    ? NeedsAs<O, Wanted & Said<`"${Op}" does not take this type as ${Name}; expected ${Text}`>>
    : never;

type Same<S, O, Op extends string> = Agrees<S, O, Op, 'two values of the same type'>;
type Compared<S, O, Op extends string> = Takes<O, Op, 'b', typeof sets.scalar> & Same<S, O, Op>;
type Ordered<S, O, Op extends string> = Takes<O, Op, 'b', typeof sets.ordered> & Same<S, O, Op>;
type Num<O, Op extends string, Name extends string> = Takes<O, Op, Name, typeof sets.number>;
type Int<O, Op extends string, Name extends string> = Takes<O, Op, Name, typeof sets.integer>;
type Bool<O, Op extends string, Name extends string> = Takes<O, Op, Name, typeof sets.bool>;
type Alike<S, O, Wanted> = NeedsAs<S, TypeOf<O> & Wanted> & NeedsAs<O, TypeOf<S> & Wanted>;
type Test<
  S,
  O,
  Op extends string,
  Wanted = unknown,
  Text extends string = 'two values of the same type',
> = ExpressionBuilder<Alike<S, O, Wanted & Said<`"${Op}" does not take these types; expected ${Text}`>>, BoolType>;
type Logic<S, O, Op extends string> = ExpressionBuilder<
  NeedsIn<S, Op, 'a', typeof sets.bool> & NeedsIn<O, Op, 'b', typeof sets.bool>,
  BoolType
>;
type Calculated<
  S,
  O,
  Op extends string,
  Result extends ValueType = NumericType,
  Set extends TypeSet = typeof sets.number,
> = ExpressionBuilder<NeedsIn<S, Op, 'a', Set> & NeedsIn<O, Op, 'b', Set>, Result>;
type Coalesced<S, O> = ExpressionBuilder<
  Alike<S, O, Said<'"coalesce" does not take these types; expected values of one type'>>,
  TypeOf<S>
>;
type Negated<S, Op extends string> = ExpressionBuilder<NeedsIn<S, Op, 'x', typeof sets.number>, NumericType>;

/**
 * A typed expression. `Needs` says which columns (or inputs) of which types it reads, so that the compiler refuses
 * it where they are not there; `Type` is its result as far as it is known while writing. The functions of `fn` take
 * and give expressions too.
 */
export class ExpressionBuilder<in Needs, out Type extends ValueType> {
  declare readonly needs?: (columns: Needs) => void;
  declare readonly type?: Type;
  readonly tree: Expression;

  constructor(tree: Expression) {
    this.tree = tree;
  }

  eq<S extends AnyExpression, O extends Operand>(this: S, other: O & Compared<S, O, 'eq'>): Test<S, O, 'eq'> {
    return callOf('eq', this, other);
  }
  ne<S extends AnyExpression, O extends Operand>(this: S, other: O & Compared<S, O, 'ne'>): Test<S, O, 'ne'> {
    return callOf('ne', this, other);
  }
  lt<S extends AnyExpression, O extends Operand>(
    this: S,
    other: O & Ordered<S, O, 'lt'>,
  ): Test<S, O, 'lt', OrderedType> {
    return callOf('lt', this, other);
  }
  lte<S extends AnyExpression, O extends Operand>(
    this: S,
    other: O & Ordered<S, O, 'lte'>,
  ): Test<S, O, 'lte', OrderedType> {
    return callOf('lte', this, other);
  }
  gt<S extends AnyExpression, O extends Operand>(
    this: S,
    other: O & Ordered<S, O, 'gt'>,
  ): Test<S, O, 'gt', OrderedType> {
    return callOf('gt', this, other);
  }
  gte<S extends AnyExpression, O extends Operand>(
    this: S,
    other: O & Ordered<S, O, 'gte'>,
  ): Test<S, O, 'gte', OrderedType> {
    return callOf('gte', this, other);
  }
  /** TRUE when equal to one of the candidates. */
  in<S extends AnyExpression, O extends Operand>(
    this: S,
    candidates: readonly O[] & Agrees<S, O, 'in', 'a value and candidates of its type'>,
  ): Test<S, O, 'in', unknown, 'a value and candidates of its type'> {
    return callOf('in', this, ...(candidates as readonly O[]));
  }
  and<S extends AnyExpression, O extends AnyExpression>(
    this: S & Bool<S, 'and', 'a'>,
    other: O & Bool<O, 'and', 'b'>,
  ): Logic<S, O, 'and'> {
    return callOf('and', this, other);
  }
  or<S extends AnyExpression, O extends AnyExpression>(
    this: S & Bool<S, 'or', 'a'>,
    other: O & Bool<O, 'or', 'b'>,
  ): Logic<S, O, 'or'> {
    return callOf('or', this, other);
  }
  not<S extends AnyExpression>(
    this: S & Bool<S, 'not', 'a'>,
  ): ExpressionBuilder<NeedsIn<S, 'not', 'a', typeof sets.bool>, BoolType> {
    return callOf('not', this);
  }
  isNull<S extends AnyExpression>(this: S): ExpressionBuilder<NeedsAs<S, ValueType>, BoolType> {
    return callOf('isNull', this);
  }
  isNotNull<S extends AnyExpression>(this: S): ExpressionBuilder<NeedsAs<S, ValueType>, BoolType> {
    return callOf('isNotNull', this);
  }
  add<S extends AnyExpression, O extends Operand>(
    this: S & Num<S, 'add', 'a'>,
    other: O & Num<O, 'add', 'b'>,
  ): Calculated<S, O, 'add'> {
    return callOf('add', this, other);
  }
  sub<S extends AnyExpression, O extends Operand>(
    this: S & Num<S, 'sub', 'a'>,
    other: O & Num<O, 'sub', 'b'>,
  ): Calculated<S, O, 'sub'> {
    return callOf('sub', this, other);
  }
  mul<S extends AnyExpression, O extends Operand>(
    this: S & Num<S, 'mul', 'a'>,
    other: O & Num<O, 'mul', 'b'>,
  ): Calculated<S, O, 'mul'> {
    return callOf('mul', this, other);
  }
  /** Float division; x/0 is NULL. */
  div<S extends AnyExpression, O extends Operand>(
    this: S & Num<S, 'div', 'a'>,
    other: O & Num<O, 'div', 'b'>,
  ): Calculated<S, O, 'div', Float64Type> {
    return callOf('div', this, other);
  }
  /** Integer division, truncated toward zero; by 0 NULL. */
  idiv<S extends AnyExpression, O extends Operand>(
    this: S & Int<S, 'idiv', 'a'>,
    other: O & Int<O, 'idiv', 'b'>,
  ): Calculated<S, O, 'idiv', IntegerType, typeof sets.integer> {
    return callOf('idiv', this, other);
  }
  /** The remainder of `idiv`, with the sign of the dividend; by 0 NULL. */
  mod<S extends AnyExpression, O extends Operand>(
    this: S & Int<S, 'mod', 'a'>,
    other: O & Int<O, 'mod', 'b'>,
  ): Calculated<S, O, 'mod', IntegerType, typeof sets.integer> {
    return callOf('mod', this, other);
  }
  neg<S extends AnyExpression>(this: S & Num<S, 'neg', 'x'>): Negated<S, 'neg'> {
    return callOf('neg', this);
  }
  abs<S extends AnyExpression>(this: S & Num<S, 'abs', 'x'>): Negated<S, 'abs'> {
    return callOf('abs', this);
  }
  /** The first that is not NULL. */
  coalesce<S extends AnyExpression, O extends Operand>(
    this: S,
    other: O & Agrees<S, O, 'coalesce', 'values of one type'>,
  ): Coalesced<S, O> {
    return callOf('coalesce', this, other);
  }
  /** As a feature with a value that replaces a cell which is not PRESENT. */
  default(value: JsonValue): FeatureBuilder<Needs, Type> {
    return expressionFeature<Needs, Type>(this.tree).default(value);
  }
  /** As a feature with what people search and read. */
  describe(description: Description): FeatureBuilder<Needs, Type> {
    return expressionFeature<Needs, Type>(this.tree).describe(description);
  }
  /** How a view stores it. */
  toFeature(): DescribedFeature {
    return expressionFeature<Needs, Type>(this.tree).definition;
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

/** A call in its stored form; what it needs and gives is said by who builds it. */
export function callOf<Needs, Type extends ValueType>(
  op: ExpressionOperator,
  ...operands: readonly Operand[]
): ExpressionBuilder<Needs, Type> {
  return new ExpressionBuilder({ op, args: operands.map(operandTree) });
}

export function operandTree(operand: Operand): Expression {
  return operand instanceof ExpressionBuilder ? operand.tree : lit(operand).tree;
}

/** A column of the view's source. */
export function col<Name extends string>(name: Name): ColumnBuilder<Name> {
  return new ColumnBuilder(name, { op: 'col', name });
}

/** Another feature of the same view, after its default. */
export function feature<Name extends string>(name: Name): ColumnBuilder<`feature.${Name}`> {
  return new ColumnBuilder(`feature.${name}`, { op: 'feature', feature: name });
}

/** A request-time input of an on-demand view. */
export function request<Name extends string>(name: Name): ColumnBuilder<`request.${Name}`> {
  return new ColumnBuilder(`request.${name}`, { op: 'request', name });
}

/**
 * A constant; give its type where TypeScript's own is too wide or says nothing: `lit('9.99', t.decimal(10, 2))`,
 * `lit(null, t.string)`, `lit(['ATL', 'ORD'], t.list(t.string))`.
 */
export function lit<const V extends WrittenConstant, Type extends ValueType = TypeOf<V>>(
  value: V,
  type?: Type,
): ExpressionBuilder<unknown, Type> {
  return new ExpressionBuilder({ op: 'lit', type: type ?? constantType(value), value: constantJson(value) });
}
