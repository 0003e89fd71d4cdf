import {
  type GraphQLInputType,
  type GraphQLSchema,
  isInputObjectType,
  isInputType,
  isLeafType,
  isListType,
  isNonNullType,
  typeFromAST,
  type VariableDefinitionNode,
  valueFromAST,
} from 'graphql';

/** Reads the variables of an operation; null = something is unusual or wrong, which graphql-js has words for. */
export type ReadVariables = (given: Readonly<Record<string, unknown>>) => Record<string, unknown> | null;

/** Is thrown, and never seen: what is read is not as most are. */
const unusual = new Error('an unusual variable');

type ReadInput = (value: unknown) => unknown;

/** For the types of these definitions, so that no type is looked at again when a request comes. */
export function createVariableReader(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
): ReadVariables {
  const readers = definitions.map(({ variable, type, defaultValue }) => {
    const inputType = typeFromAST(schema, type);
    if (!isInputType(inputType)) return { name: variable.name.value, read: refuse, absent: refuse };
    const initial = defaultValue === undefined ? undefined : valueFromAST(defaultValue, inputType);
    return { name: variable.name.value, read: readerOf(inputType), absent: absentReader(inputType, initial) };
  });
  return (given) => {
    const variables: Record<string, unknown> = {};
    try {
      for (const { name, read, absent } of readers) {
        if (Object.hasOwn(given, name)) variables[name] = read(given[name]);
        else {
          const initial = absent(undefined);
          if (initial !== undefined) variables[name] = initial;
        }
      }
      return variables;
    } catch {
      return null;
    }
  };
}

function refuse(): never {
  throw unusual;
}

function absentReader(type: GraphQLInputType, initial: unknown): ReadInput {
  return initial === undefined && isNonNullType(type) ? refuse : () => initial;
}

function readerOf(type: GraphQLInputType): ReadInput {
  if (isNonNullType(type)) {
    const read = readerOf(type.ofType);
    return (value) => (value === null || value === undefined ? refuse() : read(value));
  }
  const read = isListType(type) ? listReader(readerOf(type.ofType)) : namedReader(type);
  return (value) => (value === null || value === undefined ? null : read(value));
}

function listReader(readItem: ReadInput): ReadInput {
  return (value) => (Array.isArray(value) ? value.map(readItem) : refuse());
}

function namedReader(type: GraphQLInputType): ReadInput {
  if (isLeafType(type)) {
    return (value) => {
      const parsed: unknown = type.parseValue(value);
      return parsed === undefined ? refuse() : parsed;
    };
  }
  if (!isInputObjectType(type) || type.isOneOf) return refuse;
  /** When first asked for: input types may contain themselves. */
  let fields: { readonly name: string; readonly read: ReadInput; readonly absent: ReadInput }[] | null = null;
  return (value) => {
    fields ??= Object.values(type.getFields()).map(({ name, type: fieldType, defaultValue }) => {
      return { name, read: readerOf(fieldType), absent: absentReader(fieldType, defaultValue) };
    });
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse();
    const given = value as Readonly<Record<string, unknown>>;
    const read: Record<string, unknown> = {};
    let known = 0;
    for (const field of fields) {
      const one = given[field.name];
      if (one === undefined) {
        const initial = field.absent(undefined);
        if (initial !== undefined) read[field.name] = initial;
      } else {
        known++;
        read[field.name] = field.read(one);
      }
    }
    return known === Object.keys(given).length ? read : refuse();
  };
}
