import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { HeaderMap } from '@apollo/server';
import { type DocumentNode, getOperationAST } from 'graphql';
import type { AsofError } from '../core/errors/asof-error.ts';
import type { SystemClock } from '../core/ports/clocks.ts';
import { type Principal, toldPrincipalHeader } from './access/principal.ts';
import { answerOnce, newApollo } from './apollo.ts';
import { clientDeadline, inTime } from './client-deadline.ts';
import type { DirectResponse, RunDirectly } from './direct-runner.ts';
import { createDocumentCache } from './documents.ts';
import type { Graph, GraphSource } from './graph.ts';
import type { PublicErrors } from './graphql-errors.ts';
import type { QuickPost } from './http-route.ts';
import type { GraphLimits } from './limits.ts';
import type { Logger } from './logging.ts';
import type { OperationClient, RunOperation } from './operations.ts';
import { outcomeHeader } from './outcome-header.ts';
import { type PlainPost, readPlainPost, withDocument } from './plain-post.ts';
import type { QuickResponse } from './quick/quick-connections.ts';
import { resultText } from './result-text.ts';
import type { TrustedDocuments } from './trusted-documents.ts';

/** GraphQL over HTTP: queries and mutations. */
export interface GraphqlOverHttp extends AsyncDisposable {
  /** @param ask.body the parsed JSON of a POST */
  handle(
    request: IncomingMessage,
    response: ServerResponse,
    ask: { readonly principal: Principal; readonly body: unknown },
  ): Promise<void>;
  /** The same for a plain POST of a query that is answered directly; null = it has to be handled. */
  quick(post: QuickPost, principal: Principal): Promise<QuickResponse> | null;
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

  /** null = there is none, or whoever handles it says why. */
  function directAnswer({ accept, text }: QuickPost, principal: Principal): DirectAnswerOf | null {
    try {
      const body = withDocument(JSON.parse(text), deps.trusted);
      const graph = deps.source.current();
      const plain = readPlainPost({ method: 'POST', headers: { accept } }, body);
      const document = plain === null ? null : findDocument(graph, plain);
      if (plain === null || document === null) return null;
      const { operationName, variables, contentType } = plain;
      const answer = graph.direct?.(document, operationName) ?? null;
      const response = answer === null ? null : deps.runDirectly(answer, { variables, principal }, 'http');
      return response === null ? null : { contentType, response };
    } catch {
      return null;
    }
  }

  return {
    quick(post, principal) {
      const direct = directAnswer(post, principal);
      if (direct === null) return null;
      const { contentType, response } = direct;
      return response.catch(deps.failed).then(({ body, hasErrors }) => ({
        status: 200,
        headers: {
          ...(post.isTold && !hasErrors && { [outcomeHeader]: 'ok' }),
          'content-type': contentType,
          'cache-control': 'no-store',
          'x-request-id': randomUUID(),
        },
        body,
      }));
    },
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

interface DirectAnswerOf {
  readonly contentType: string;
  readonly response: Promise<DirectResponse>;
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
