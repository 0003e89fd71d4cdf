import { createSourceEventStream, execute, type GraphQLSchema, getOperationAST } from 'graphql';
import { createRequestContext } from './context.ts';
import type { Graph, GraphRequest, GraphResult } from './graph.ts';
import { mapStream } from './streams.ts';

/**
 * A schema executed in this process. Every execution, and every event of a subscription, gets a RequestContext of
 * its own.
 */
export function createSchemaGraph(schema: GraphQLSchema): Graph {
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
    async execute(request) {
      const operation = getOperationAST(request.document, request.operationName);
      if (operation?.operation !== 'subscription') return run(request, undefined);
      const source = await createSourceEventStream({
        schema,
        document: request.document,
        operationName: request.operationName,
        variableValues: request.variables,
        contextValue: createRequestContext(request),
      });
      if (!(Symbol.asyncIterator in source)) return source as GraphResult;
      return mapStream(source[Symbol.asyncIterator](), (event) => run(request, event));
    },
  };
}
