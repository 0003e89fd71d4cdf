import { AsofError } from '../../errors/asof-error.ts';
import {
  ExpressionBuilder,
  lit,
  type NeedsAs,
  type Operand,
  type Refused,
  type TypeOf,
} from '../../expressions/builder.ts';
import type { Constant } from '../../expressions/constants.ts';
import { describeInput } from '../../values/describe-input.ts';
import type { Field, ValueType } from '../../values/types.ts';
import type { Described, Expression, UserFunctionDefinition } from '../model.ts';
import { hashOfSource } from '../parse-function.ts';
import { type Declared, type Definable, definitionBrand } from './brand.ts';
import { type Columns, columnFields } from './entity.ts';

/** What a value of a type is in a user's function. NULL is null. */
export type JavaScriptValue<Type extends ValueType> = Type extends { readonly kind: 'int64' }
  ? bigint
  : Type extends { readonly kind: 'int32' | 'float64' | 'timestamp' }
    ? number
    : Type extends { readonly kind: 'string' | 'decimal' }
      ? string
      : Type extends { readonly kind: 'bool' }
        ? boolean
        : Type extends { readonly kind: 'vector' }
          ? readonly number[]
          : Type extends { readonly kind: 'list'; readonly element: infer Element extends ValueType }
            ? readonly (JavaScriptValue<Element> | null)[]
            : Type extends { readonly kind: 'map'; readonly value: infer Value extends ValueType }
              ? { readonly [key: string]: JavaScriptValue<Value> | null }
              : never;

/** An int64 may be returned as a number too, within ±(2^53−1). */
export type JavaScriptResult<Type extends ValueType> =
  | JavaScriptValue<Type>
  | (Type extends { readonly kind: 'int64' } ? number : never)
  | null;

export interface UserFunctionOptions<Args extends Columns, Returns extends ValueType, OnNull> extends Described {
  /** Another source needs another version: what is registered never changes. */
  readonly version: number;
  readonly args: Args;
  readonly returns: Returns;
  /**
   * Pure: its value follows from its arguments alone. Its text is what is kept, so it can name nothing that stands
   * outside of it, apart from globals like Math and String.
   */
  readonly implementation: (
    args: {
      readonly [K in keyof Args]: JavaScriptValue<Args[K]> | (OnNull extends 'call' ? null : never);
    },
  ) => JavaScriptResult<Returns>;
  /** Calls it with NULL arguments too; by default the result is NULL when an argument is. */
  readonly onNull?: OnNull;
  /** A call that takes more steps (calls, turns of loops) than this gives NULL. Default 100,000, at most 1,000,000. */
  readonly maxSteps?: number;
}

/** The constants that can be written for an argument. */
type ConstantOf<Type extends ValueType> = Type extends { readonly kind: 'int32' | 'int64' }
  ? number | bigint
  : Type extends { readonly kind: 'decimal' }
    ? number | string
    : Type extends { readonly kind: 'timestamp' }
      ? Date | string
      : JavaScriptValue<Type>;

type Fits<O, Type extends ValueType> = O extends Constant
  ? O extends ConstantOf<Type>
    ? unknown
    : Refused<`expected ${Type['kind']}`>
  : [TypeOf<O>['kind'] & Type['kind']] extends [never]
    ? Refused<`expected ${Type['kind']}; got ${TypeOf<O>['kind']}`>
    : unknown;

/** What all operands together need. */
type NeedsOf<Args extends Columns, Operands extends { readonly [K in keyof Args]: Operand }> = {
  [K in keyof Args]: (needs: NeedsAs<Operands[K], Args[K]>) => void;
}[keyof Args] extends (needs: infer Needs) => void
  ? Needs
  : never;

/** Called with an operand for each argument it is an expression: `titleLength({ title: col('title') })`. */
export interface UserFunction<Args extends Columns, Returns extends ValueType> extends Definable {
  <const Operands extends { readonly [K in keyof Args]: Operand }>(
    operands: Operands & { readonly [K in keyof Args]: Fits<Operands[K], Args[K]> },
  ): ExpressionBuilder<NeedsOf<Args, Operands>, Returns>;
}

/** A function of your own for what expressions cannot say. BAD_DEFINITION for one that has no source text. */
export function userFunction<
  const Args extends Columns,
  const Returns extends ValueType,
  const OnNull extends 'call' | undefined = undefined,
>(name: string, options: UserFunctionOptions<Args, Returns, OnNull>): UserFunction<Args, Returns> {
  const { version, args, returns, implementation, onNull, ...rest } = options;
  const source = sourceOf(name, implementation);
  const fields = columnFields(args);
  const definition: UserFunctionDefinition = {
    name,
    version,
    args: fields,
    returns,
    source,
    sourceHash: hashOfSource(source),
    ...(onNull === undefined ? {} : { onNull }),
    ...rest,
  };
  const declared: Declared = { kind: 'functions', definition, uses: [] };
  const call = (operands: { readonly [K in keyof Args]: Operand }) => {
    checkOperands(name, fields, operands);
    const trees = fields.map(({ name: argument, type }) => operandOf(operands[argument]!, type));
    const tree: Expression = { op: 'call', function: name, version, args: trees };
    return new ExpressionBuilder<NeedsOf<Args, typeof operands>, Returns>(
      Object.assign(tree, { [definitionBrand]: declared }),
    );
  };
  return Object.assign(call, { [definitionBrand]: declared }) as UserFunction<Args, Returns>;
}

/** Definitions run without a look at their types: they may give anything, or miss arguments. */
function checkOperands(name: string, args: readonly Field[], operands: unknown): void {
  const given = typeof operands === 'object' && operands !== null ? operands : {};
  const names = args.map((arg) => arg.name);
  const missing = names.filter((argument) => (given as Record<string, unknown>)[argument] === undefined);
  const unknown = Object.keys(given).filter((argument) => !names.includes(argument));
  if (missing.length === 0 && unknown.length === 0) return;
  throw new AsofError('BAD_DEFINITION', 'is called with other arguments than it declares', {
    path: `${name}(…)`,
    expected: `one object with ${names.join(', ')}`,
    got: given === operands ? `one with ${Object.keys(given).join(', ') || 'nothing'}` : describeInput(operands),
    remedy: `Write ${name}({ ${names.map((argument) => `${argument}: …`).join(', ')} }).`,
  });
}

/** A constant has the type of its argument. */
function operandOf(operand: Operand, type: ValueType): Expression {
  return operand instanceof ExpressionBuilder ? operand.tree : lit(operand, type).tree;
}

function sourceOf(name: string, implementation: (...args: never[]) => unknown): string {
  const source = Function.prototype.toString.call(implementation);
  if (/\{\s*\[native code\]\s*\}$/.test(source)) {
    throw new AsofError('BAD_DEFINITION', 'has no source text', {
      path: `functions.${name}.implementation`,
      expected: 'a function written in JavaScript or TypeScript',
      got: 'a native or bound function',
      remedy: 'Write a function that calls it.',
    });
  }
  // Methods begin with their name.
  return source.replace(/^(async\s+)?(\*?)\s*implementation\s*\(/, '$1function$2 implementation(');
}
