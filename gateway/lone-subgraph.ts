import {
  type DirectiveNode,
  type DocumentNode,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  type InterfaceTypeDefinitionNode,
  isInterfaceType,
  isObjectType,
  isUnionType,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql';
import { rememberedByDocument } from '../runtime/documents.ts';

/** Which subgraphs can resolve what, by the names of types; of those with fields, by the names of fields. */
interface Resolvable {
  readonly types: ReadonlyMap<string, ReadonlySet<string>>;
  readonly fields: ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;
}

/** The subgraph that can answer all of a query or subscription by itself; null = none can, or it is a mutation. */
export type FindLoneSubgraph = (document: DocumentNode, operationName: string | null) => string | null;

/**
 * Goes by what composition says in the supergraph's directives (`join__type`, `join__field`). Whoever can answer a query alone
 * can be asked it as it is: no plan is needed, and no answer is put together. Remembered for each document object.
 *
 * @param schema what clients may ask; documents are valid for it
 */
export function createLoneSubgraphs(supergraphSdl: string, schema: GraphQLSchema): FindLoneSubgraph {
  const resolvable = readResolvable(supergraphSdl);
  return rememberedByDocument((document, operationName) => findLone(resolvable, schema, document, operationName));
}

function findLone(
  { types, fields }: Resolvable,
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null,
): string | null {
  const operation = getOperationAST(document, operationName);
  // Of a mutation the order counts, and who has done what; let it be planned.
  if (!operation || operation.operation === 'mutation') return null;
  const root = schema.getRootType(operation.operation);
  if (!root) return null;
  /** null = nobody was asked for yet. */
  const left: { able: ReadonlySet<string> | null } = { able: null };
  const seen = new Set<string>();
  const narrow = (more: ReadonlySet<string> | undefined): boolean => {
    const able = [...(left.able ?? more ?? [])].filter((name) => more?.has(name));
    left.able = new Set(able);
    return able.length > 0;
  };

  /** Whether somebody is left who can resolve it; a fragment below one type is looked at once. */
  const passes = (typeName: string, { selections }: SelectionSetNode): boolean =>
    selections.every((selection) => {
      if (selection.directives?.some(({ name }) => name.value !== 'skip' && name.value !== 'include')) return false;
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const name = selection.name.value;
        if (seen.has(name)) return true;
        seen.add(name);
        const fragment = document.definitions.find(
          (one) => one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === name,
        );
        if (fragment?.kind !== Kind.FRAGMENT_DEFINITION) return false;
        const condition = fragment.typeCondition.name.value;
        return narrow(types.get(condition)) && passes(condition, fragment.selectionSet);
      }
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = selection.typeCondition?.name.value ?? typeName;
        return narrow(types.get(condition)) && passes(condition, selection.selectionSet);
      }
      const field = selection.name.value;
      if (field === '__typename') return true;
      const type = schema.getType(typeName);
      const definition = isObjectType(type) || isInterfaceType(type) ? type.getFields()[field] : undefined;
      if (definition === undefined || !narrow(fields.get(typeName)?.get(field))) return false;
      if (selection.selectionSet === undefined) return true;
      const below = getNamedType(definition.type);
      const isAbstract = isInterfaceType(below) || isUnionType(below);
      // Each possible type has to be one that it knows as possible.
      if (isAbstract && !schema.getPossibleTypes(below).every(({ name }) => narrow(types.get(name)))) return false;
      return narrow(types.get(below.name)) && passes(below.name, selection.selectionSet);
    });

  if (!passes(root.name, operation.selectionSet)) return null;
  const [first = null] = left.able ?? [];
  return first;
}

function readResolvable(supergraphSdl: string): Resolvable {
  const { definitions } = parse(supergraphSdl, { noLocation: true });
  const names = new Map<unknown, string>();
  for (const one of definitions) {
    if (one.kind !== Kind.ENUM_TYPE_DEFINITION || one.name.value !== 'join__Graph') continue;
    for (const value of one.values ?? []) {
      const [graph] = argumentsOf(value.directives, 'join__graph');
      names.set(value.name.value, String(graph?.name));
    }
  }
  const graphsOf = (given: readonly Arguments[]) => new Set(given.flatMap(({ graph }) => names.get(graph) ?? []));
  const types = new Map<string, ReadonlySet<string>>();
  const fields = new Map<string, ReadonlyMap<string, ReadonlySet<string>>>();
  for (const one of definitions) {
    if (!('name' in one) || one.name === undefined || one.kind === Kind.DIRECTIVE_DEFINITION) continue;
    // Whose objects stand for an interface's does not know which they are.
    const ofType = graphsOf(
      argumentsOf(one.directives, 'join__type').filter((given) => given.isInterfaceObject !== true),
    );
    types.set(one.name.value, ofType);
    if (!hasFields(one)) continue;
    const ofFields = (one.fields ?? []).map((field): [string, ReadonlySet<string>] => {
      const given = argumentsOf(field.directives, 'join__field');
      // Without a word about it the field is everyone's who has the type.
      if (given.length === 0) return [field.name.value, ofType];
      return [field.name.value, graphsOf(given.filter(isResolvedThere))];
    });
    fields.set(one.name.value, new Map(ofFields));
  }
  return { types, fields };
}

function hasFields(one: { readonly kind: Kind }): one is ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode {
  return one.kind === Kind.OBJECT_TYPE_DEFINITION || one.kind === Kind.INTERFACE_TYPE_DEFINITION;
}

type Arguments = Readonly<Record<string, unknown>>;

/** What needs others' fields first, or is another's by an override, is a matter of planning. */
function isResolvedThere({ external, usedOverridden, requires, override, contextArguments }: Arguments): boolean {
  const isOwn = external !== true && usedOverridden !== true && override === undefined;
  return isOwn && requires === undefined && contextArguments === undefined;
}

function argumentsOf(directives: readonly DirectiveNode[] | undefined, name: string): Arguments[] {
  return (directives ?? [])
    .filter((directive) => directive.name.value === name)
    .map(({ arguments: given }) =>
      Object.fromEntries((given ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value)])),
    );
}
