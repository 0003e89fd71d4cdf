import { type GraphQLArgument, isNonNullType, Kind } from 'graphql';
import type { FieldPlan } from '../../../runtime/execution/plan.ts';
import type { Arguments } from '../view-values.ts';

/** The arguments of a field with these variables; null = something is missing, which the executor has words for. */
export type ReadArguments = (variables: Arguments) => Arguments | null;

/** null = they are more than constants and variables by themselves. */
export function argumentReaderOf({ args, field, nodes }: FieldPlan): ReadArguments | null {
  if (args.kind === 'fixed') return () => args.values;
  const given = new Map(nodes[0]!.arguments?.map(({ name, value }) => [name.value, value]));
  const readers: { readonly argument: GraphQLArgument; readonly variable: string | null }[] = [];
  for (const argument of field!.args) {
    const value = given.get(argument.name);
    if (value !== undefined && value.kind !== Kind.VARIABLE) return null;
    readers.push({ argument, variable: value === undefined ? null : value.name.value });
  }
  return (variables) => {
    const values: Record<string, unknown> = {};
    for (const { argument, variable } of readers) {
      const { name, type, defaultValue } = argument;
      const value = variable !== null && Object.hasOwn(variables, variable) ? variables[variable] : defaultValue;
      if (isNonNullType(type) && (value === null || value === undefined)) return null;
      if (value !== undefined) values[name] = value;
    }
    return values;
  };
}
