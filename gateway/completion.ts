import { execute, type GraphQLSchema } from 'graphql';
import type { GraphRequest, GraphResult } from '../runtime/graph.ts';

/** Whether a fetch may have left a gap: it failed, or a subgraph did not know an entity. */
export function hasGap({ data, errors }: GraphResult): boolean {
  if ((errors?.length ?? 0) > 0 || data === null || data === undefined) return true;
  return Object.values(data).some((value) => Array.isArray(value) && value.includes(null));
}

/**
 * Takes null up to the nearest place that may be null, as GraphQL prescribes: the planner leaves null where the schema
 * promises a value, when a subgraph did not give it.
 */
export function completeResult(schema: GraphQLSchema, request: GraphRequest, result: GraphResult): GraphResult {
  const completed = execute({
    schema,
    document: request.document,
    operationName: request.operationName,
    variableValues: request.variables,
    // Nothing at all where every fetch failed.
    rootValue: result.data ?? {},
    fieldResolver: (source, _args, _context, { path }) => source[path.key],
    typeResolver: (source) => source.__typename,
  });
  if (completed instanceof Promise) return result;
  // Whatever else went wrong is about this second look, not about the data.
  const isGap = ({ message }: { message: string }) => message.startsWith('Cannot return null for non-nullable field');
  if (completed.errors?.every(isGap) === false) return result;
  return { ...result, data: completed.data ?? null };
}
