import {
  type DocumentNode,
  execute,
  type FieldNode,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import type { GraphRequest, GraphResult } from '../runtime/graph.ts';

/** An operation in two: what asks for the schema itself, and what asks subgraphs. null = nothing of that sort. */
export interface SplitDocument {
  readonly introspection: DocumentNode | null;
  readonly data: DocumentNode | null;
}

const remembered = new WeakMap<DocumentNode, Map<string | null, SplitDocument>>();

/** The planner knows no introspection. The same document splits into the same objects: plans go by identity. */
export function splitIntrospection(document: DocumentNode, operationName: string | null): SplitDocument {
  const splits = remembered.get(document) ?? new Map<string | null, SplitDocument>();
  remembered.set(document, splits);
  const known = splits.get(operationName);
  if (known !== undefined) return known;
  const split = splitUp(document, operationName);
  splits.set(operationName, split);
  return split;
}

/** Answers from the schema alone. */
export async function introspect(schema: GraphQLSchema, document: DocumentNode, request: GraphRequest) {
  const { operationName, variables } = request;
  return (await execute({ schema, document, operationName, variableValues: variables })) as GraphResult;
}

function splitUp(document: DocumentNode, operationName: string | null): SplitDocument {
  const operation = getOperationAST(document, operationName);
  if (operation?.operation !== 'query') return { introspection: null, data: document };
  const isMeta = (field: FieldNode) => field.name.value === '__schema' || field.name.value === '__type';
  const isTypename = (field: FieldNode) => field.name.value === '__typename';
  const only = (test: (field: FieldNode) => boolean): DocumentNode | null => {
    const selectionSet = pick(operation.selectionSet, document, test);
    if (selectionSet === null) return null;
    const definitions = document.definitions.map((one) => (one === operation ? { ...one, selectionSet } : one));
    return { ...document, definitions };
  };
  const asksSubgraphs = only((field) => !isMeta(field) && !isTypename(field)) !== null;
  if (!asksSubgraphs) return { introspection: document, data: null };
  const introspection = only(isMeta);
  return introspection === null
    ? { introspection: null, data: document }
    : { introspection, data: only((field) => !isMeta(field)) };
}

/** The root fields that pass, with the fragments around them laid out; null = none does. */
function pick(
  { selections, ...node }: SelectionSetNode,
  document: DocumentNode,
  test: (field: FieldNode) => boolean,
): SelectionSetNode | null {
  const picked = selections.flatMap((selection): SelectionNode[] => {
    if (selection.kind === Kind.FIELD) return test(selection) ? [selection] : [];
    const body =
      selection.kind === Kind.INLINE_FRAGMENT
        ? selection
        : document.definitions.find(
            (one) => one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === selection.name.value,
          );
    if (body === undefined || !('selectionSet' in body) || body.selectionSet === undefined) return [];
    const selectionSet = pick(body.selectionSet, document, test);
    if (selectionSet === null) return [];
    const directives = selection.directives ?? [];
    return [{ kind: Kind.INLINE_FRAGMENT, directives, selectionSet }];
  });
  return picked.length === 0 ? null : { ...node, selections: picked };
}
