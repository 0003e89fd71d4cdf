import { type GraphQLArgument, isNonNullType, Kind, type ValueNode, valueFromAST } from 'graphql';
import type { FieldPlan } from '../../../runtime/execution/plan.ts';
import type { Arguments } from '../view-values.ts';

/** The arguments of a field with these variables; null = something is missing, which the executor has words for. */
export type ReadArguments = (variables: Arguments) => Arguments | null;

export function argumentReaderOf({ args, field, nodes }: FieldPlan): ReadArguments {
  if (args.kind === 'fixed') return () => args.values;
  const given = new Map(nodes[0]!.arguments?.map(({ name, value }) => [name.value, value]));
  const readers = field!.args.map((argument) => ({
    argument,
    read: valueReaderOf(argument, given.get(argument.name)),
  }));
  return (variables) => {
    const values: Record<string, unknown> = {};
    for (const { argument, read } of readers) {
      const value = read(variables);
      if (value === invalid || (isNonNullType(argument.type) && (value === null || value === undefined))) return null;
      if (value !== undefined) values[argument.name] = value;
    }
    return values;
  };
}

const invalid = Symbol('a value that does not fit its type');

function valueReaderOf(
  { type, defaultValue }: GraphQLArgument,
  node: ValueNode | undefined,
): (of: Arguments) => unknown {
  if (node === undefined) return () => defaultValue;
  if (node.kind === Kind.VARIABLE) {
    const name = node.name.value;
    return (variables) => (Object.hasOwn(variables, name) ? variables[name] : defaultValue);
  }
  return (variables) => {
    const value = valueFromAST(node, type, variables);
    return value === undefined ? invalid : value;
  };
}
