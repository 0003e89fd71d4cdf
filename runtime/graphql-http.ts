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
import { type DocumentNode, GraphQLError, type GraphQLSchema, getOperationAST } from 'graphql';
import type { AsofError } from '../core/errors/asof-error.ts';
import type { SystemClock } from '../core/ports/clocks.ts';
import { type Principal, toldPrincipalHeader } from './access/principal.ts';
import { clientDeadline, inTime } from './client-deadline.ts';
import type { DirectResponse, RunDirectly } from './direct-runner.ts';
import { createDocumentCache } from './documents.ts';
import { type Graph, type GraphResult, type GraphSource, isStream } from './graph.ts';
import type { PublicErrors } from './graphql-errors.ts';
import { type GraphLimits, limitRules } from './limits.ts';
import type { Logger } from './logging.ts';
import type { OperationClient, RunOperation } from './operations.ts';
import { outcomeHeader } from './outcome-header.ts';
import { type PlainPost, readPlainPost, withDocument } from './plain-post.ts';
import { resultText } from './result-text.ts';
import type { TrustedDocuments } from './trusted-documents.ts';

interface HttpContext extends BaseContext {
  readonly requestId: string;
  readonly principal: Principal;
  readonly client: OperationClient;
}

/** GraphQL over HTTP: queries and mutations. */
export interface GraphqlOverHttp extends AsyncDisposable {
  /** @param ask.body the parsed JSON of a POST */
  handle(
    request: IncomingMessage,
    response: ServerResponse,
    ask: { readonly principal: Principal; readonly body: unknown },
  ): Promise<void>;
}

interface OverHttpDeps {
  readonly source: GraphSource;
  readonly run: RunOperation;
  readonly runDirectly: RunDirectly;
  /** What is answered instead of a direct answer that fails. */
  readonly failed: (error: unknown) => DirectResponse;
  readonly systemClock: SystemClock;
  readonly limits: GraphLimits;
  readonly trusted: TrustedDocuments;
  readonly publicErrors: PublicErrors;
  readonly logger: Logger;
}

/**
 * Answers NOT_READY as long as `source` has no graph. A plain request of a valid document is answered here, for Apollo Server
 * takes longer for it than the store; everything else is Apollo's, so that what is refused is refused in one way.
 */
export function createGraphqlOverHttp(deps: OverHttpDeps): GraphqlOverHttp {
  const apollo = newApollo(deps);
  let started: Promise<void> | null = null;
  const documents = createDocumentCache(deps.limits);

  /** The document, when it is valid and asks for no stream. */
  function findDocument({ schema }: Graph, { query, operationName }: PlainPost): DocumentNode | null {
    const checked = documents(schema, query);
    if ('errors' in checked) return null;
    const operation = getOperationAST(checked.document, operationName);
    return operation && operation.operation !== 'subscription' ? checked.document : null;
  }

  return {
    async handle(request, response, { principal, body: sent }) {
      const body = withDocument(sent, deps.trusted);
      const graph = deps.source.current();
      const late = clientDeadline(request, response, deps.systemClock);
      const client = clientOf(response, late);
      const requestId = randomUUID();
      const plain = readPlainPost(request, body);
      const document = plain === null ? null : findDocument(graph, plain);
      if (plain !== null && document !== null) {
        const { operationName, variables, contentType } = plain;
        const answer = graph.direct?.(document, operationName) ?? null;
        const direct = answer === null ? null : deps.runDirectly(answer, { variables, principal }, 'http');
        if (direct !== null) {
          const answered = await inTime(direct, late).catch(deps.failed);
          send(response, { contentType, requestId, ...answered });
          return;
        }
        const asked = { document, operationName, variables, requestId, principal };
        const result = await answerOnce(deps.run, graph, asked, client);
        const hasErrors = result.errors !== undefined;
        send(response, { contentType, requestId, body: resultText(result), hasErrors });
        return;
      }
      // Apollo Server cannot start before there is a graph, and not twice.
      started ??= apollo.start();
      await started;
      const headers = new HeaderMap();
      for (const [name, value] of Object.entries(request.headers)) {
        if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
      }
      const answer = await apollo.executeHTTPGraphQLRequest({
        httpGraphQLRequest: {
          method: request.method ?? 'POST',
          headers,
          search: searchWithDocument(request.url ?? '/', deps.trusted),
          body,
        },
        context: async () => ({ requestId, principal, client }),
      });
      for (const [name, value] of answer.headers) response.setHeader(name, value);
      response.setHeader('cache-control', 'no-store');
      response.setHeader('x-request-id', requestId);
      response.statusCode = answer.status ?? 200;
      if (answer.body.kind === 'complete') {
        if (isRefusedDocument(request, answer.status, answer.body.string)) response.statusCode = 200;
        response.end(answer.body.string);
      } else {
        for await (const chunk of answer.body.asyncIterator) response.write(chunk);
        response.end();
      }
    },
    [Symbol.asyncDispose]: async () => {
      if (started !== null) await apollo.stop();
    },
  };
}

const ofTheDocument = new Set(['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT']);

/**
 * Whoever accepts `application/json` alone is of before GraphQL over HTTP: to him every answer that GraphQL gives is 200, so
 * that none is taken for a proxy's. Apollo Server gives the status that the newer media type wants.
 */
function isRefusedDocument({ headers }: IncomingMessage, status: number | undefined, body: string): boolean {
  if (status !== 400 || !/^\s*application\/json\s*(;[^,]*)?$/i.test(headers.accept ?? '')) return false;
  const { errors = [] } = JSON.parse(body) as { errors?: readonly { extensions?: { code?: string } }[] };
  return errors.length > 0 && errors.every(({ extensions }) => ofTheDocument.has(extensions?.code ?? ''));
}

/** The same for a GET, whose document is in its address. */
function searchWithDocument(address: string, documents: TrustedDocuments): string {
  const { search, searchParams } = new URL(address, 'http://localhost');
  const query = documents.textOf({ query: searchParams.get('query'), documentId: searchParams.get('documentId') });
  if (query === null || !searchParams.has('documentId')) return search;
  searchParams.delete('documentId');
  searchParams.set('query', query);
  return `?${searchParams}`;
}

/** Whoever waits for this response. */
export function clientOf(response: ServerResponse, late: AbortSignal | null = null): OperationClient {
  return {
    transport: 'http',
    onLeave(listener) {
      const onClose = () => listener();
      const onLate = () => listener(late?.reason as AsofError);
      if (response.closed) listener();
      else if (late?.aborted === true) onLate();
      response.once('close', onClose);
      late?.addEventListener('abort', onLate);
      return () => {
        response.off('close', onClose);
        late?.removeEventListener('abort', onLate);
      };
    },
  };
}

/** A subscription that slipped through is ended, and answered with nothing. */
async function answerOnce(
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

interface PlainAnswer extends DirectResponse {
  readonly contentType: string;
  readonly requestId: string;
}

function send(response: ServerResponse, { contentType, requestId, body, hasErrors }: PlainAnswer): void {
  const bytes = Buffer.byteLength(body);
  if (!hasErrors && response.req.headers[toldPrincipalHeader] !== undefined) response.setHeader(outcomeHeader, 'ok');
  response.writeHead(200, {
    'content-type': contentType,
    'content-length': bytes,
    'cache-control': 'no-store',
    'x-request-id': requestId,
  });
  // What is all ASCII needs no encoding.
  if (typeof body === 'string' && bytes === body.length) response.end(body, 'latin1');
  else response.end(body);
}

function newApollo(deps: OverHttpDeps): ApolloServer<HttpContext> {
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
