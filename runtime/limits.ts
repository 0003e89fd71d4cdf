import {
  type ASTVisitor,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  TokenKind,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';

/** What one client may ask for; each refusal names the limit. */
export interface GraphLimits {
  /** Of one request, in bytes. */
  readonly bodyBytes: number;
  /** Lexical tokens of one document. */
  readonly documentTokens: number;
  /** Nested fields of one operation, introspection aside. */
  readonly depth: number;
  /** Fields of one operation after its fragments are laid out. */
  readonly fields: number;
  /** Times that one operation may ask for the schema itself. */
  readonly introspections: number;
  /** Brackets of any kind within one another in a document; the query planner's own parser ends at 50. */
  readonly nesting: number;
  /** Lists and objects within one another in variables. */
  readonly variableDepth: number;
  /** Time to answer a query or mutation, or to start a subscription. */
  readonly operationMillis: number;
  /** GraphQL requests over HTTP that this process has under way. */
  readonly requestsAtOnce: number;
  /** WebSockets of this process. */
  readonly sockets: number;
  readonly subscriptionsPerSocket: number;
  /** Of one token, in this process. */
  readonly subscriptionsPerClient: number;
  /** Within this time a WebSocket has to say `connection_init`. */
  readonly greetingMillis: number;
}

export const defaultLimits: GraphLimits = {
  bodyBytes: 1_048_576,
  documentTokens: 10_000,
  depth: 20,
  fields: 5_000,
  introspections: 10,
  nesting: 40,
  variableDepth: 64,
  operationMillis: 60_000,
  requestsAtOnce: 1_000,
  sockets: 1_000,
  subscriptionsPerSocket: 100,
  subscriptionsPerClient: 10_000,
  greetingMillis: 3_000,
};

/**
 * Of a subgraph behind a gateway, which has checked what clients ask: plans lay fragments out, hand entities on as
 * variables, and bring the subscriptions of all clients over one socket.
 */
export const subgraphLimits: Partial<GraphLimits> = {
  bodyBytes: 128 * 1_048_576,
  documentTokens: 200_000,
  fields: 100_000,
  requestsAtOnce: 10_000,
  subscriptionsPerSocket: 100_000,
  subscriptionsPerClient: 100_000,
};

/** Validation rules for both transports. */
export function limitRules(limits: GraphLimits): ValidationRule[] {
  return [(context) => measureOperations(context, limits), (context) => measureNesting(context, limits), unconditional];
}

/** Whether lists and objects lie deeper within one another than `limit`; looks no deeper than that. */
export function isDeeperThan(limit: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return limit === 0 || Object.values(value).some((inner) => isDeeperThan(limit - 1, inner));
}

interface Measure {
  readonly depth: number;
  readonly fields: number;
  readonly introspections: number;
}

const nothing: Measure = { depth: 0, fields: 0, introspections: 0 };

/** Fragments are measured once each, so a chain of doubling fragments costs its text, not its expansion. */
function measureOperations(context: ValidationContext, limits: GraphLimits): ASTVisitor {
  const fragments = new Map<string, Measure>();
  const measure = (selections: SelectionSetNode, open: ReadonlySet<string>): Measure => {
    let { depth, fields, introspections } = nothing;
    for (const selection of selections.selections) {
      const below =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? measureFragment(selection.name.value, open)
          : selection.selectionSet === undefined
            ? nothing
            : measure(selection.selectionSet, open);
      const isField = selection.kind === Kind.FIELD;
      const isMeta = isField && selection.name.value.startsWith('__');
      if (!isMeta) depth = Math.max(depth, below.depth + (isField ? 1 : 0));
      fields += below.fields + (isField ? 1 : 0);
      introspections += below.introspections + (isMeta && selection.name.value !== '__typename' ? 1 : 0);
    }
    return { depth, fields, introspections };
  };
  const measureFragment = (name: string, open: ReadonlySet<string>): Measure => {
    const known = fragments.get(name);
    if (known !== undefined) return known;
    const fragment = context.getFragment(name);
    // Unknown fragments and cycles are refused by GraphQL's own rules.
    if (fragment === undefined || fragment === null || open.has(name)) return nothing;
    const measured = measure(fragment.selectionSet, new Set([...open, name]));
    fragments.set(name, measured);
    return measured;
  };
  return {
    OperationDefinition(operation) {
      const { depth, fields, introspections } = measure(operation.selectionSet, new Set());
      if (depth > limits.depth) refuse(context, 'depth', limits.depth, depth);
      if (fields > limits.fields) refuse(context, 'number of fields', limits.fields, fields);
      if (introspections > limits.introspections) {
        refuse(context, 'number of introspections', limits.introspections, introspections);
      }
      return false;
    },
  };
}

function measureNesting(context: ValidationContext, limits: GraphLimits): ASTVisitor {
  return {
    Document(document) {
      let open = 0;
      let deepest = 0;
      for (let token = document.loc?.startToken ?? null; token !== null; token = token.next) {
        if (opening.has(token.kind)) deepest = Math.max(deepest, ++open);
        else if (closing.has(token.kind)) open--;
      }
      if (deepest > limits.nesting) refuse(context, 'nesting of brackets', limits.nesting, deepest);
    },
  };
}

const opening: ReadonlySet<string> = new Set([TokenKind.PAREN_L, TokenKind.BRACKET_L, TokenKind.BRACE_L]);
const closing: ReadonlySet<string> = new Set([TokenKind.PAREN_R, TokenKind.BRACKET_R, TokenKind.BRACE_R]);

/** A subscription whose one field is left out has nothing to listen to. */
function unconditional(context: ValidationContext): ASTVisitor {
  const check = ({ selections }: SelectionSetNode, seen: ReadonlySet<string>): void => {
    for (const selection of selections) {
      const directive = selection.directives?.find(({ name }) => name.value === 'skip' || name.value === 'include');
      if (directive !== undefined) {
        const message = `The field of a subscription is not optional; expected no @${directive.name.value}`;
        context.reportError(new GraphQLError(message, { nodes: directive, extensions: { code: 'BAD_INPUT' } }));
      } else if (selection.kind === Kind.INLINE_FRAGMENT) check(selection.selectionSet, seen);
      else if (selection.kind === Kind.FRAGMENT_SPREAD && !seen.has(selection.name.value)) {
        const fragment = context.getFragment(selection.name.value);
        if (fragment) check(fragment.selectionSet, new Set([...seen, selection.name.value]));
      }
    }
  };
  return {
    OperationDefinition({ operation, selectionSet }) {
      if (operation === 'subscription') check(selectionSet, new Set());
      return false;
    },
  };
}

function refuse(context: ValidationContext, what: string, limit: number, got: number): void {
  context.reportError(
    new GraphQLError(`The operation's ${what} exceeds the limit; expected at most ${limit}; got ${got}`, {
      extensions: {
        code: 'LIMIT_EXCEEDED',
        expected: `at most ${limit}`,
        got: String(got),
        remedy: 'Ask for less at once, in several operations.',
      },
    }),
  );
}
