import {
  type ASTVisitor,
  GraphQLError,
  Kind,
  type SelectionSetNode,
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
  /** Time to answer a query or mutation, or to start a subscription. */
  readonly operationMillis: number;
  /** WebSockets of this process. */
  readonly sockets: number;
  readonly subscriptionsPerSocket: number;
}

export const defaultLimits: GraphLimits = {
  bodyBytes: 1_048_576,
  documentTokens: 10_000,
  depth: 20,
  fields: 5_000,
  operationMillis: 60_000,
  sockets: 1_000,
  subscriptionsPerSocket: 100,
};

/** Validation rules for both transports. */
export function limitRules(limits: GraphLimits): ValidationRule[] {
  return [(context) => measureOperations(context, limits)];
}

interface Measure {
  readonly depth: number;
  readonly fields: number;
}

/** Fragments are measured once each, so a chain of doubling fragments costs its text, not its expansion. */
function measureOperations(context: ValidationContext, limits: GraphLimits): ASTVisitor {
  const fragments = new Map<string, Measure>();
  const measure = (selections: SelectionSetNode, open: ReadonlySet<string>): Measure => {
    let depth = 0;
    let fields = 0;
    for (const selection of selections.selections) {
      const below =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? measureFragment(selection.name.value, open)
          : selection.selectionSet === undefined
            ? { depth: 0, fields: 0 }
            : measure(selection.selectionSet, open);
      if (selection.kind !== Kind.FIELD) {
        depth = Math.max(depth, below.depth);
        fields += below.fields;
      } else if (!selection.name.value.startsWith('__')) {
        depth = Math.max(depth, below.depth + 1);
        fields += below.fields + 1;
      }
    }
    return { depth, fields };
  };
  const measureFragment = (name: string, open: ReadonlySet<string>): Measure => {
    const known = fragments.get(name);
    if (known !== undefined) return known;
    const fragment = context.getFragment(name);
    // Unknown fragments and cycles are refused by GraphQL's own rules.
    if (fragment === undefined || fragment === null || open.has(name)) return { depth: 0, fields: 0 };
    const measured = measure(fragment.selectionSet, new Set([...open, name]));
    fragments.set(name, measured);
    return measured;
  };
  const refuse = (what: string, limit: number, got: number) =>
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
  return {
    OperationDefinition(operation) {
      const { depth, fields } = measure(operation.selectionSet, new Set());
      if (depth > limits.depth) refuse('depth', limits.depth, depth);
      if (fields > limits.fields) refuse('number of fields', limits.fields, fields);
      return false;
    },
  };
}
