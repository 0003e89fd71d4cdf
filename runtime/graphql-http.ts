import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApolloServer, type ApolloServerOptionsWithGateway, type BaseContext, HeaderMap } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import { type Graph, type GraphSource, isStream } from './graph.ts';
import type { PublicErrors } from './graphql-errors.ts';
import { type GraphLimits, limitRules } from './limits.ts';
import type { Logger } from './logging.ts';
import type { RunOperation } from './operations.ts';

interface HttpContext extends BaseContext {
  readonly requestId: string;
  readonly signal: AbortSignal;
}

/** GraphQL over HTTP: queries and mutations; `body` is the parsed JSON of a POST. */
export interface GraphqlOverHttp extends AsyncDisposable {
  handle(request: IncomingMessage, response: ServerResponse, body: unknown): Promise<void>;
}

export async function createGraphqlOverHttp(deps: {
  readonly source: GraphSource;
  readonly run: RunOperation;
  readonly limits: GraphLimits;
  readonly publicErrors: PublicErrors;
  readonly logger: Logger;
}): Promise<GraphqlOverHttp> {
  const apollo = new ApolloServer<HttpContext>({
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
  await apollo.start();

  return {
    async handle(request, response, body) {
      const headers = new HeaderMap();
      for (const [name, value] of Object.entries(request.headers)) {
        if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
      }
      const left = new AbortController();
      response.once('close', () => left.abort());
      const requestId = randomUUID();
      const answer = await apollo.executeHTTPGraphQLRequest({
        httpGraphQLRequest: {
          method: request.method ?? 'POST',
          headers,
          search: new URL(request.url ?? '/', 'http://localhost').search,
          body,
        },
        context: async () => ({ requestId, signal: left.signal }),
      });
      for (const [name, value] of answer.headers) response.setHeader(name, value);
      response.setHeader('cache-control', 'no-store');
      response.setHeader('x-request-id', requestId);
      response.statusCode = answer.status ?? 200;
      if (answer.body.kind === 'complete') response.end(answer.body.string);
      else {
        for await (const chunk of answer.body.asyncIterator) response.write(chunk);
        response.end();
      }
    },
    [Symbol.asyncDispose]: () => apollo.stop(),
  };
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
          const client = context as HttpContext;
          // As the client named it: Apollo's own `operationName` is null for one that the document does not have.
          const operationName = request.operationName ?? null;
          const answer = await run(
            graphs.get(schema) ?? source.current(),
            { document, operationName, variables: request.variables ?? {}, requestId: client.requestId },
            { transport: 'http', signal: client.signal },
          );
          if (!isStream(answer)) return answer;
          await answer.return();
          return { data: null };
        },
      };
    },
    stop: async () => stop(),
  };
}
