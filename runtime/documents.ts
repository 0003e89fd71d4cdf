import { createHash } from 'node:crypto';
import { type DocumentNode, GraphQLError, type GraphQLSchema, parse, specifiedRules, validate } from 'graphql';
import { type GraphLimits, limitRules } from './limits.ts';
import { isPlainlyValid } from './plainly-valid.ts';

/** A document parsed and valid, or why it is not. */
export type CheckedDocument =
  | { readonly document: DocumentNode }
  | { readonly errors: readonly [GraphQLError, ...GraphQLError[]] };

/**
 * Parses and validates documents; the same text gives the same object as long as it is remembered, since query plans
 * are kept by the identity of the document.
 */
export function createDocumentCache(limits: GraphLimits, capacity = 1_000) {
  const rules = [...specifiedRules, ...limitRules(limits)];
  const bySchema = new WeakMap<GraphQLSchema, Map<string, DocumentNode>>();

  return (schema: GraphQLSchema, text: string): CheckedDocument => {
    const known = bySchema.get(schema) ?? new Map<string, DocumentNode>();
    bySchema.set(schema, known);
    // What a hash would be for is to bound what is kept.
    const key = text.length > 2_000 ? createHash('sha256').update(text).digest('base64') : text;
    const remembered = known.get(key);
    const checked = remembered === undefined ? check(schema, text) : { document: remembered };
    if ('document' in checked) {
      // A Map runs in order of insertion, so its first key is the least recently used.
      known.delete(key);
      known.set(key, checked.document);
      if (known.size > capacity) known.delete(known.keys().next().value ?? key);
    }
    return checked;
  };

  function check(schema: GraphQLSchema, text: string): CheckedDocument {
    let document: DocumentNode;
    try {
      document = parse(text, { maxTokens: limits.documentTokens });
    } catch (error) {
      return { errors: [asProtocolError(error, 'GRAPHQL_PARSE_FAILED')] };
    }
    if (isPlainlyValid(schema, document, limits)) return { document };
    const [first, ...others] = validate(schema, document, rules);
    if (first === undefined) return { document };
    const toProtocol = (error: GraphQLError) => asProtocolError(error, 'GRAPHQL_VALIDATION_FAILED');
    return { errors: [toProtocol(first), ...others.map(toProtocol)] };
  }
}

/** Worked out once for each document object and name, and kept as long as the document is. */
export function rememberedByDocument<T>(
  find: (document: DocumentNode, operationName: string | null) => T,
): (document: DocumentNode, operationName: string | null) => T {
  const found = new WeakMap<DocumentNode, Map<string | null, T>>();
  return (document, operationName) => {
    let ofDocument = found.get(document);
    if (ofDocument === undefined) {
      ofDocument = new Map();
      found.set(document, ofDocument);
    }
    let known = ofDocument.get(operationName);
    if (known === undefined) {
      known = find(document, operationName);
      ofDocument.set(operationName, known);
    }
    return known;
  };
}

function asProtocolError(error: unknown, code: string): GraphQLError {
  if (!(error instanceof GraphQLError))
    return new GraphQLError('the document is nested too deeply', { extensions: { code } });
  return new GraphQLError(error.message, {
    ...(error.nodes === undefined ? {} : { nodes: error.nodes }),
    ...(error.source === undefined ? {} : { source: error.source }),
    ...(error.positions === undefined ? {} : { positions: error.positions }),
    extensions: { code, ...error.extensions },
  });
}
