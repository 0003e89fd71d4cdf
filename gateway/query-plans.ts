import { unifiedGraphHandler } from '@graphql-hive/router-runtime';
import {
  buildASTSchema,
  type DocumentNode,
  type GraphQLSchema,
  getOperationAST,
  OperationTypeNode,
  parse,
} from 'graphql';
import { AsofError } from '../core/errors/asof-error.ts';
import { type GraphRequest, type GraphResult, type GraphResultStream, isStream } from '../runtime/graph.ts';
import { mapStream } from '../runtime/streams.ts';
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
}

/** Query plans are kept by the identity of the document, for as long as the document is. */
export async function createQueryPlans(supergraphSdl: string): Promise<QueryPlans> {
  const handler = await unifiedGraphHandler({
    unifiedGraph: buildASTSchema(parse(supergraphSdl, { noLocation: true }), {
      assumeValid: true,
      assumeValidSDL: true,
    }),
    getUnifiedGraphSDL: () => supergraphSdl,
    onSubgraphExecute: (name, fetch: Fetch) => executeFetch(name, fetch),
  });
  const { unifiedGraph: schema, executor = lacksExecutor } = handler;

  async function executePlan(document: DocumentNode, request: GraphRequest, executors: Executors) {
    const operationType = getOperationAST(document, request.operationName)?.operation ?? OperationTypeNode.QUERY;
    const context: FetchContext = { request, executors };
    try {
      // No signal: the planner would remember a plan whose first asker left as failed, for everyone and for ever.
      const answer = await executor({
        document,
        variables: { ...request.variables },
        operationType,
        context,
        ...(request.operationName === null ? {} : { operationName: request.operationName }),
      });
      return asResults(answer);
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

function lacksExecutor(): never {
  throw new AsofError('INTERNAL', 'the query planner has no executor');
}

function merged(planned: GraphResult, introspected: GraphResult): GraphResult {
  const errors = [...(planned.errors ?? []), ...(introspected.errors ?? [])];
  return { data: { ...planned.data, ...introspected.data }, ...(errors.length === 0 ? {} : { errors }) };
}

async function executeFetch(name: string, fetch: Fetch): ReturnType<SubgraphExecutor> {
  const { request, executors } = fetch.context as FetchContext;
  const execute = executors.get(name);
  if (execute === undefined) throw new AsofError('INTERNAL', `the plan names an unknown subgraph '${name}'`);
  const answer = await execute({
    document: fetch.document,
    operationName: fetch.operationName ?? null,
    variables: fetch.variables ?? {},
    requestId: request.requestId,
    signal: request.signal,
  });
  // Without data the planner would show the last event's again.
  return isStream(answer) ? mapStream(answer, (event) => ({ ...event, data: event.data ?? {} })) : answer;
}

function asResults(answer: object): GraphResult | GraphResultStream {
  if (!(Symbol.asyncIterator in answer)) return answer;
  const events = (answer as AsyncIterable<GraphResult>)[Symbol.asyncIterator]();
  return mapStream(events, (event) => {
    // The planner collects the errors of all events of a subscription in one list: take this event's out of it.
    const errors = Array.isArray(event.errors) ? event.errors.splice(0) : [];
    return errors.length > 0 ? { data: event.data ?? null, errors } : { data: event.data ?? null };
  });
}
