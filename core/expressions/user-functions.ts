import type { Expression, UserFunctionDefinition } from '../definitions/model.ts';
import type { Problems } from '../definitions/problems.ts';
import { AsofError } from '../errors/asof-error.ts';
import type { CallFunction } from '../ports/user-functions.ts';
import type { Value } from '../values/types.ts';
import type { BoundFunction, Evaluate, TypedUserCall } from './typed.ts';

export type UserCallTree = Extract<Expression, { readonly op: 'call' }>;

/** The functions that expressions may call. */
export interface UserFunctionScope {
  /** null = there is none of this name and version, and the problem was added. */
  resolve(tree: UserCallTree, path: string, problems: Problems): BoundFunction | null;
}

/** @param callOf how a function is called here; asked when an expression calls it */
export function userFunctionScope(
  functions: readonly UserFunctionDefinition[],
  callOf: (definition: UserFunctionDefinition) => CallFunction,
): UserFunctionScope {
  return {
    resolve({ function: name, version }, path, problems) {
      const versions = functions.filter((one) => one.name === name);
      const definition = versions.find((one) => one.version === version);
      if (definition !== undefined) return { definition, call: callOf(definition) };
      if (versions.length === 0) {
        const names = new Set(functions.map((one) => one.name));
        problems.addUnknown(`${path}.function`, 'function', name, names);
      } else {
        const known = versions.map((one) => String(one.version));
        problems.addUnknown(`${path}.version`, `version of the function ${name}`, String(version), known);
      }
      return null;
    },
  };
}

/** Their types alone, for checking what is not run. */
export function declaredFunctions(functions: readonly UserFunctionDefinition[]): UserFunctionScope {
  return userFunctionScope(functions, ({ name }) => () => {
    throw new AsofError('INTERNAL', `the function ${name} was called where it is only checked`);
  });
}

export const noFunctions: UserFunctionScope = declaredFunctions([]);

/** Arguments of one call; null = the result is NULL without a call. */
export function argumentsOfCall(
  { definition }: TypedUserCall,
  args: readonly Evaluate[],
  row: readonly Value[],
): readonly Value[] | null {
  const isStrict = definition.onNull === undefined;
  const values: Value[] = [];
  for (const arg of args) {
    const value = arg(row);
    if (value === null && isStrict) return null;
    values.push(value);
  }
  return values;
}

/** One call for each row; `evaluateBatch` makes one for many. */
export function evaluateCall(node: TypedUserCall, args: readonly Evaluate[]): Evaluate {
  return (row) => {
    const values = argumentsOfCall(node, args, row);
    return values === null ? null : node.call([values])[0]!;
  };
}
