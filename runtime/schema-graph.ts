import { createSourceEventStream, type DocumentNode, execute, type GraphQLSchema, getOperationAST } from 'graphql';
import { createRequestContext } from './context.ts';
import { rememberedByDocument } from './documents.ts';
import { createPlannedExecution, type FixedPlan } from './execution/planned-execution.ts';
import type { AnswerDirectly, Graph, GraphRequest, GraphResult } from './graph.ts';
import { createSharedResults, type EventIdentity, operationIdentity } from './shared-results.ts';
import { mapStream } from './streams.ts';

/** A schema, and how its owner answers some of its queries without executing them. */
export interface ExecutableSchema {
  readonly schema: GraphQLSchema;
  /** null = this query has to be executed. */
  readonly compileDirect?: (plan: FixedPlan) => AnswerDirectly | null;
  /** Whether others have an event of a subscription's source, too; null = it is one subscriber's own. */
  readonly identify?: (event: unknown) => EventIdentity | null;
}

/**
 * A schema executed in this process. Every execution, and every event of a subscription, gets a RequestContext of
 * its own.
 */
export function createSchemaGraph({ schema, compileDirect, identify }: ExecutableSchema): Graph {
  const planned = createPlannedExecution(schema);
  const share = createSharedResults();
  const compile = (document: DocumentNode, operationName: string | null): AnswerDirectly | null => {
    const plan = compileDirect === undefined ? null : planned.fixedPlan({ document, operationName });
    return plan === null ? null : compileDirect!(plan);
  };
  const run = async (request: GraphRequest, rootValue: unknown): Promise<GraphResult> =>
    execute({
      schema,
      document: request.document,
      operationName: request.operationName,
      variableValues: request.variables,
      rootValue,
      contextValue: createRequestContext(request),
    }) as Promise<GraphResult> | GraphResult;
  return {
    schema,
    direct: rememberedByDocument(compile),
    async execute(request) {
      const operation = getOperationAST(request.document, request.operationName);
      if (operation?.operation !== 'subscription') {
        return planned.execute(request, createRequestContext(request)) ?? run(request, undefined);
      }
      const source = await createSourceEventStream({
        schema,
        document: request.document,
        operationName: request.operationName,
        variableValues: request.variables,
        contextValue: createRequestContext(request),
      });
      if (!(Symbol.asyncIterator in source)) return source as GraphResult;
      const answer = (asked: GraphRequest, event: unknown) =>
        planned.execute(asked, createRequestContext(asked), event) ?? run(asked, event);
      const alike = operationIdentity(request);
      // Whoever asked first may leave before the others are answered.
      const forAll: GraphRequest = { ...request, signal: new AbortController().signal };
      return mapStream(source[Symbol.asyncIterator](), (event) => {
        const identity = identify?.(event) ?? null;
        return identity === null ? answer(request, event) : share(identity, alike, () => answer(forAll, event));
      });
    },
  };
}
