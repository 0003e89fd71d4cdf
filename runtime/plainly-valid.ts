import {
  type ArgumentNode,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isInputType,
  isLeafType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isTypeSubTypeOf,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  typeFromAST,
  valueFromAST,
} from 'graphql';
import type { GraphLimits } from './limits.ts';

/**
 * Whether a document is so simple that it is seen at once to be valid, and within the limits: one query without fragments,
 * directives, defaults and repeated keys, whose arguments are variables or plain constants. That is what most documents
 * are, and the rules of GraphQL take longer for each than all the rest of a request. false = the rules decide.
 */
export function isPlainlyValid(
  schema: GraphQLSchema,
  { definitions }: DocumentNode,
  limits: Pick<GraphLimits, 'depth' | 'fields' | 'nesting'>,
): boolean {
  const [operation] = definitions;
  if (definitions.length !== 1 || operation?.kind !== Kind.OPERATION_DEFINITION) return false;
  const root = schema.getQueryType();
  if (operation.operation !== 'query' || !isPlain(operation) || !root) return false;
  const variables = readVariables(schema, operation);
  if (variables === null) return false;
  const used = new Set<string>();
  let fields = 0;

  const isArgumentValid = ({ value }: ArgumentNode, { type, defaultValue }: GraphQLArgument): boolean => {
    if (value.kind !== Kind.VARIABLE)
      return isPlainConstant(value.kind, type) && isReadable(() => valueFromAST(value, type));
    const given = variables.get(value.name.value);
    used.add(value.name.value);
    return given !== undefined && defaultValue === undefined && isTypeSubTypeOf(schema, given, type);
  };

  const areArgumentsValid = (given: readonly ArgumentNode[], declared: readonly GraphQLArgument[]): boolean => {
    const names = new Set(given.map(({ name }) => name.value));
    if (names.size !== given.length) return false;
    if (declared.some((argument) => isRequiredArgument(argument) && !names.has(argument.name))) return false;
    return given.every((argument) => {
      const declaration = declared.find(({ name }) => name === argument.name.value);
      return declaration !== undefined && isArgumentValid(argument, declaration);
    });
  };

  const isFieldValid = (field: FieldNode, typeName: string, depth: number): boolean => {
    fields++;
    if (!isPlain(field) || fields > limits.fields) return false;
    const { selectionSet, arguments: given = [] } = field;
    if (field.name.value === '__typename') return selectionSet === undefined && given.length === 0;
    const type = schema.getType(typeName);
    const definition = isObjectType(type) ? type.getFields()[field.name.value] : undefined;
    if (definition === undefined || !areArgumentsValid(given, definition.args)) return false;
    const below = getNamedType(definition.type);
    if (selectionSet === undefined) return isLeafType(below);
    return isObjectType(below) && areSelectionsValid(selectionSet, below.name, depth + 1);
  };

  const areSelectionsValid = ({ selections }: SelectionSetNode, typeName: string, depth: number): boolean => {
    // Each level is a pair of braces, and arguments may add two of their own.
    if (depth > limits.depth || depth + 3 > limits.nesting) return false;
    const keys = new Set<string>();
    return selections.every((selection) => {
      if (selection.kind !== Kind.FIELD) return false;
      const key = (selection.alias ?? selection.name).value;
      if (keys.has(key)) return false;
      keys.add(key);
      return isFieldValid(selection, typeName, depth);
    });
  };

  return areSelectionsValid(operation.selectionSet, root.name, 1) && used.size === variables.size;
}

function isPlain({ directives }: { readonly directives?: readonly DirectiveNode[] | undefined }): boolean {
  return directives === undefined || directives.length === 0;
}

/** By name; null = something about them is not plain. */
function readVariables(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
): ReadonlyMap<string, GraphQLInputType> | null {
  const variables = new Map<string, GraphQLInputType>();
  for (const { variable, type: node, defaultValue, directives } of variableDefinitions) {
    const type = typeFromAST(schema, node);
    if (!isInputType(type) || defaultValue !== undefined || !isPlain({ directives })) return null;
    if (variables.has(variable.name.value)) return null;
    variables.set(variable.name.value, type);
  }
  return variables;
}

/** A number, a text or a truth value, for a scalar. */
function isPlainConstant(kind: Kind, type: GraphQLInputType): boolean {
  const inner = isNonNullType(type) ? type.ofType : type;
  return (
    isLeafType(inner) && (kind === Kind.STRING || kind === Kind.INT || kind === Kind.FLOAT || kind === Kind.BOOLEAN)
  );
}

function isReadable(read: () => unknown): boolean {
  try {
    return read() !== undefined;
  } catch {
    return false;
  }
}
