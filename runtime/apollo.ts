import { ApolloServer, type ApolloServerOptionsWithGateway, type BaseContext } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import type { Principal } from './access/principal.ts';
import { type Graph, type GraphResult, type GraphSource, isStream } from './graph.ts';
import type { PublicErrors } from './graphql-errors.ts';
import { type GraphLimits, limitRules } from './limits.ts';
import type { Logger } from './logging.ts';
import type { OperationClient, RunOperation } from './operations.ts';

export interface HttpContext extends BaseContext {
  readonly requestId: string;
  readonly principal: Principal;
  readonly client: OperationClient;
}

interface ApolloDeps {
  readonly source: GraphSource;
  readonly run: RunOperation;
  readonly limits: GraphLimits;
  readonly publicErrors: PublicErrors;
  readonly logger: Logger;
}

/** Apollo Server over our own execution: it negotiates, parses and refuses. */
export function newApollo(deps: ApolloDeps): ApolloServer<HttpContext> {
  return new ApolloServer<HttpContext>({
    gateway: asApolloGateway(deps.source, deps.run),
    parseOptions: { maxTokens: deps.limits.documentTokens },
    validationRules: limitRules(deps.limits),
    formatError: (_, error) => deps.publicErrors(error).toJSON(),
    includeStacktraceInErrorResponses: false,
    introspection: true,
    csrfPrevention: true,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    nodeEnv: 'production',
    logger: {
      debug: (message) => deps.logger.debug(String(message)),
      info: (message) => deps.logger.info(String(message)),
      warn: (message) => deps.logger.warn(String(message)),
      error: (message) => deps.logger.error(String(message)),
    },
    plugins: [
      // Inline tracing would instrument every field: half of the throughput.
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      {
        requestDidStart: async () => ({
          didResolveOperation: async ({ operation }) => refuseStream(operation?.operation),
        }),
      },
    ],
  });
}

/** Apollo Server would answer `200 {}` and start the source: nobody would ever stop it. */
function refuseStream(operation: string | undefined): void {
  if (operation !== 'subscription') return;
  throw new GraphQLError('a subscription needs a WebSocket; expected a query or mutation in this HTTP request', {
    extensions: {
      code: 'BAD_INPUT',
      expected: 'a query or mutation',
      got: 'subscription',
      remedy: 'Subscribe at the same address with the scheme ws and the subprotocol graphql-transport-ws.',
      http: { status: 400 },
    },
  });
}

function asApolloGateway(
  source: GraphSource,
  run: RunOperation,
): ApolloServerOptionsWithGateway<HttpContext>['gateway'] {
  /** An operation runs on the graph of the schema that it was validated against. */
  const graphs = new WeakMap<GraphQLSchema, Graph>();
  let tell: (graph: Graph) => void = () => {};
  const stop = source.onChange((graph) => tell(graph));
  return {
    onSchemaLoadOrUpdate(callback) {
      tell = (graph) => {
        // The same schema keeps Apollo's parsed documents, and with them the query plans.
        const isKnown = graphs.has(graph.schema);
        graphs.set(graph.schema, graph);
        if (!isKnown) callback({ apiSchema: graph.schema, coreSupergraphSdl: '' });
      };
      return () => {
        tell = () => {};
      };
    },
    async load() {
      tell(source.current());
      return {
        executor: async ({ schema, document, request, context }) => {
          const { requestId, principal, client } = context as HttpContext;
          // As the client named it: Apollo's own `operationName` is null for one that the document does not have.
          const operationName = request.operationName ?? null;
          const asked = { document, operationName, variables: request.variables ?? {}, requestId, principal };
          return answerOnce(run, graphs.get(schema) ?? source.current(), asked, client);
        },
      };
    },
    stop: async () => stop(),
  };
}

/** A subscription that slipped through is ended, and answered with nothing. */
export async function answerOnce(
  run: RunOperation,
  graph: Graph,
  asked: Parameters<RunOperation>[1],
  client: OperationClient,
): Promise<GraphResult> {
  const answer = await run(graph, asked, client);
  if (!isStream(answer)) return answer;
  await answer.return();
  return { data: null };
}
