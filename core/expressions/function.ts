import type { Expression, JsonValue } from '../definitions/model.ts';
import type { Value, ValueType } from '../values/types.ts';
import type { AnomalyCounts } from './anomalies.ts';
import type { TypeSet } from './type-sets.ts';
import type { Evaluate, TypedExpression } from './typed.ts';

/** What a function takes, gives, does and promises. The one place where its rules stand. */
export interface ExpressionFunction {
  readonly group: FunctionGroup;
  readonly documentation: FunctionDocumentation;
  /** By name, in order. */
  readonly parameters: { readonly [name: string]: Parameter };
  /** How many of the last parameters may be left out. */
  readonly optional?: number;
  /** Neighbouring parameters that stand, together, once or more. */
  readonly repeated?: readonly string[];
  /**
   * What an integer literal becomes beside another numeric type: that very type ('same'), or for decimals
   * the smallest decimal that holds it ('arithmetic', so that `price * 2` stays narrow).
   */
  readonly literals: 'same' | 'arithmetic' | 'asWritten';
  /**
   * The type of the result, from arguments that each have a type of their parameter (constants: a value that it
   * accepts); or what was expected of them together.
   */
  resultType(args: readonly TypedExpression[]): ValueType | Refusal;
  /** `args` are evaluated on the same row, never more than once each. */
  compile(args: readonly Evaluate[], context: CompileContext): Evaluate;
}

export const functionGroups = [
  'comparison',
  'logic',
  'arithmetic',
  'numbers',
  'casts',
  'encodings',
  'text',
  'dates',
  'geography',
  'collections',
  'vectors',
] as const;
export type FunctionGroup = (typeof functionGroups)[number];

export interface Parameter {
  readonly takes: TypeSet;
  /** It must be written as a literal. */
  readonly constant?: ConstantRule;
}

/** What a literal must be for the function to be built from it. NULL is never accepted. */
export interface ConstantRule {
  /** What is accepted, for messages. */
  readonly text: string;
  accepts(value: Exclude<Value, null>, type: ValueType): boolean;
  /** Literals that are accepted, for documentation and tests that draw trees; of every type that makes a difference. */
  readonly samples: readonly LiteralNode[];
}

/** A reason why arguments do not go together. */
export interface Refusal {
  readonly expected: string;
  /** The argument to blame; absent: all of them together. */
  readonly argument?: number;
}

export interface CompileContext {
  readonly args: readonly TypedExpression[];
  readonly type: ValueType;
  /** Counts results that are NULL though no argument is, beside those that the function's rules make NULL. */
  readonly anomalies: AnomalyCounts;
}

export type LiteralNode = Extract<Expression, { readonly op: 'lit' }>;

/** Rules in words; docs/expressions.md is written from it, and every example is run. */
export interface FunctionDocumentation {
  readonly summary: string;
  /** What NULL arguments give. */
  readonly nulls: string;
  /** Where values end: overflow, domains, rounding. */
  readonly bounds: string;
  /** The type of the result in words. */
  readonly gives: string;
  readonly examples: readonly Example[];
}

/** Arguments, and the result as JSON. */
export type Example = readonly [args: readonly Expression[], result: JsonValue];

export const strictNulls = 'NULL when an argument is NULL.';

export function isRefusal(result: ValueType | Refusal): result is Refusal {
  return 'expected' in result;
}

export interface NamedParameter extends Parameter {
  readonly name: string;
}

/** The parameter of each of `count` arguments; null where there cannot be so many. */
export function parametersFor(definition: ExpressionFunction, count: number): readonly NamedParameter[] | null {
  const { optional = 0, repeated = [] } = definition;
  const all = named(definition);
  if (repeated.length === 0) {
    if (count === all.length) return all;
    return count < all.length && count >= all.length - optional ? all.slice(0, count) : null;
  }
  const group = all.filter(({ name }) => repeated.includes(name));
  const before = all.slice(0, all.indexOf(group[0]!));
  const after = all.slice(before.length + group.length);
  for (let kept = after.length; kept >= after.length - optional; kept--) {
    const rounds = (count - before.length - kept) / group.length;
    if (rounds >= 1 && Number.isInteger(rounds)) {
      return [...before, ...Array.from({ length: rounds }, () => group).flat(), ...after.slice(0, kept)];
    }
  }
  return null;
}

/** Functions never change, so their parameters are named once. */
const namedParameters = new WeakMap<ExpressionFunction, readonly NamedParameter[]>();

function named(definition: ExpressionFunction): readonly NamedParameter[] {
  const known = namedParameters.get(definition);
  if (known !== undefined) return known;
  const all = Object.entries(definition.parameters).map(([name, parameter]) => ({ name, ...parameter }));
  namedParameters.set(definition, all);
  return all;
}

/** How many arguments there may be, for messages: "2", "1 to 3", "at least 2". */
export function arityText({ parameters, optional = 0, repeated = [] }: ExpressionFunction): string {
  const most = Object.keys(parameters).length;
  if (repeated.length > 0) return `at least ${most - optional}`;
  return optional === 0 ? String(most) : `${most - optional} to ${most}`;
}

/** The parameters as documentation writes them: "x, edges", "at, zone?", "a, b, …". */
export function parametersText({ parameters, optional = 0, repeated = [] }: ExpressionFunction): string {
  const names = Object.keys(parameters);
  return names
    .map((name, index) => {
      const written = index >= names.length - optional ? `${name}?` : name;
      return name === repeated.at(-1) ? `${written}, …` : written;
    })
    .join(', ');
}
