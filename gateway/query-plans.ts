import { unifiedGraphHandler } from '@graphql-hive/router-runtime';
import {
  buildASTSchema,
  type DocumentNode,
  type GraphQLSchema,
  getOperationAST,
  isScalarType,
  OperationTypeNode,
  parse,
} from 'graphql';
import { composeSupergraph } from '../codegen/supergraph.ts';
import { AsofError } from '../core/errors/asof-error.ts';
import { type GraphRequest, type GraphResult, type GraphResultStream, isStream } from '../runtime/graph.ts';
import { scalarResolvers } from '../runtime/scalars.ts';
import { mapStream } from '../runtime/streams.ts';
import { completeResult, hasGap } from './completion.ts';
import { introspect, splitIntrospection } from './introspection.ts';
import type { SubgraphExecutor } from './subgraph.ts';

type HandlerOptions = Parameters<typeof unifiedGraphHandler>[0];
type Fetch = Parameters<HandlerOptions['onSubgraphExecute']>[1];

export type Executors = ReadonlyMap<string, SubgraphExecutor>;

/** Plans operations on a supergraph and runs the plans. */
export interface QueryPlans {
  /** What clients may ask. */
  readonly schema: GraphQLSchema;
  execute(request: GraphRequest, executors: Executors): Promise<GraphResult | GraphResultStream>;
}

/** Travels through the planner to each fetch. */
interface FetchContext {
  readonly request: GraphRequest;
  readonly executors: Executors;
  /** Set by the fetches since the last answer. */
  hasGap: boolean;
}

/** Query plans are kept by the identity of the document, for as long as the document is. */
export async function createQueryPlans(supergraphSdl: string, subgraphs: readonly string[]): Promise<QueryPlans> {
  const options: HandlerOptions = {
    unifiedGraph: schemaOf(supergraphSdl),
    getUnifiedGraphSDL: () => supergraphSdl,
    onSubgraphExecute: (name, fetch: Fetch) => executeFetch(name, fetch),
  };
  const { unifiedGraph: schema, executor = lacksExecutor } = await unifiedGraphHandler(options);
  checkLiterals(schema);
  // At the first fetch the handler stitches a second graph out of this one, only to look up the transforms of a
  // subgraph. We have none, and on a large registry that takes a second: give it the names of the subgraphs alone.
  options.unifiedGraph = schemaOf(namesOnly(subgraphs));

  async function executePlan(document: DocumentNode, request: GraphRequest, executors: Executors) {
    const operationType = getOperationAST(document, request.operationName)?.operation ?? OperationTypeNode.QUERY;
    const context: FetchContext = { request, executors, hasGap: false };
    try {
      // No signal: the planner would remember a plan whose first asker left as failed, for everyone and for ever.
      const answer = await executor({
        document,
        variables: { ...request.variables },
        operationType,
        context,
        ...(request.operationName === null ? {} : { operationName: request.operationName }),
      });
      return asResults(answer, (result) => {
        if (!context.hasGap) return result;
        context.hasGap = false;
        return completeResult(schema, { ...request, document }, result);
      });
    } catch (error) {
      if (error instanceof AggregateError) return { data: null, errors: error.errors };
      throw error;
    }
  }

  return {
    schema,
    async execute(request, executors) {
      const { introspection, data } = splitIntrospection(request.document, request.operationName);
      const planned = data === null ? {} : await executePlan(data, request, executors);
      if (introspection === null || isStream(planned)) return planned;
      return merged(planned, await introspect(schema, introspection, request));
    },
  };
}

function schemaOf(sdl: string): GraphQLSchema {
  return buildASTSchema(parse(sdl, { noLocation: true }), { assumeValid: true, assumeValidSDL: true });
}

/** A supergraph's scalars take any literal: with ours, what a subgraph could not read is refused before it is asked. */
function checkLiterals(schema: GraphQLSchema): void {
  for (const { name, parseLiteral } of Object.values(scalarResolvers)) {
    const type = schema.getType(name);
    if (isScalarType(type)) type.parseLiteral = parseLiteral;
  }
}

/** A supergraph of the same subgraphs, each with one field. */
function namesOnly(subgraphs: readonly string[]): string {
  return composeSupergraph(subgraphs.map((name, index) => ({ name, typeDefs: `type Query { field${index}: Int }` })))
    .supergraphSdl;
}

function lacksExecutor(): never {
  throw new AsofError('INTERNAL', 'the query planner has no executor');
}

function merged(planned: GraphResult, introspected: GraphResult): GraphResult {
  const errors = [...(planned.errors ?? []), ...(introspected.errors ?? [])];
  return { data: { ...planned.data, ...introspected.data }, ...(errors.length === 0 ? {} : { errors }) };
}

async function executeFetch(name: string, fetch: Fetch): ReturnType<SubgraphExecutor> {
  const context = fetch.context as FetchContext;
  const { request, executors } = context;
  const execute = executors.get(name);
  if (execute === undefined) throw new AsofError('INTERNAL', `the plan names an unknown subgraph '${name}'`);
  const noteGap = (result: GraphResult) => {
    if (hasGap(result)) context.hasGap = true;
    return result;
  };
  try {
    const answer = await execute({
      document: fetch.document,
      operationName: fetch.operationName ?? null,
      variables: fetch.variables ?? {},
      requestId: request.requestId,
      principal: request.principal,
      signal: request.signal,
    });
    // Without data the planner would show the last event's again.
    const emptied = (event: GraphResult) => ({ ...noteGap(event), data: event.data ?? {} });
    return isStream(answer) ? mapStream(answer, emptied) : noteGap(answer);
  } catch (error) {
    context.hasGap = true;
    throw error;
  }
}

function asResults(answer: object, complete: (result: GraphResult) => GraphResult): GraphResult | GraphResultStream {
  if (!(Symbol.asyncIterator in answer)) return complete(answer);
  const events = (answer as AsyncIterable<GraphResult>)[Symbol.asyncIterator]();
  return mapStream(events, (event) => {
    // The planner collects the errors of all events of a subscription in one list: take this event's out of it.
    const errors = Array.isArray(event.errors) ? event.errors.splice(0) : [];
    return complete(errors.length > 0 ? { data: event.data ?? null, errors } : { data: event.data ?? null });
  });
}
