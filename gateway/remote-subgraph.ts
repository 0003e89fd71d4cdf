import { type DocumentNode, type FormattedExecutionResult, getOperationAST, print } from 'graphql';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { AsofError } from '../core/errors/asof-error.ts';
import type { GraphResult } from '../runtime/graph.ts';
import { fromFormatted, toGraphQLError } from '../runtime/graphql-errors.ts';
import { createPushStream } from '../runtime/streams.ts';
import type { SubgraphExecutor } from './subgraph.ts';

/** A subgraph at a URL: queries and mutations by POST, subscriptions over one shared WebSocket. */
export interface RemoteSubgraph {
  readonly execute: SubgraphExecutor;
  /** The subgraph's SDL as it is now. UNAVAILABLE when it cannot be asked. */
  readTypeDefs(signal: AbortSignal): Promise<string>;
  close(): Promise<void>;
}

/** How many results of one subscription may wait for the gateway before the subscription is ended with an error. */
const queueLimit = 1_000;

const texts = new WeakMap<DocumentNode, string>();

export function createRemoteSubgraph(name: string, url: string, token: string | null): RemoteSubgraph {
  const authorization = token === null ? {} : { authorization: `Bearer ${token}` };
  const client = createClient({
    url: url.replace(/^http/, 'ws'),
    lazy: true,
    // A silent new subscription would skip what happened in between: the subscriber must know, and resume by cursor.
    retryAttempts: 0,
    shouldRetry: () => false,
    webSocketImpl: class extends WebSocket {
      constructor(address: string, protocols: string | string[]) {
        super(address, protocols, { headers: authorization });
      }
    },
  });

  async function post(body: object, signal: AbortSignal): Promise<GraphResult> {
    let response: Response;
    try {
      response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json', ...authorization },
        body: JSON.stringify(body),
        signal,
      });
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      throw unavailable(name, cause);
    }
    const answer: unknown = await response.json().catch(() => null);
    if (isResult(answer)) return withErrors(answer);
    throw unavailable(name, `status ${response.status} without a GraphQL result`);
  }

  return {
    async execute(request) {
      const query = textOf(request.document);
      const { operationName, variables } = request;
      const operation = getOperationAST(request.document, operationName);
      if (operation?.operation !== 'subscription') {
        return post({ query, variables, ...(operationName === null ? {} : { operationName }) }, request.signal);
      }
      const stream = createPushStream<GraphResult>({
        enqueue(queue, result) {
          if (queue.length < queueLimit) queue.push(result);
          else {
            queue.splice(0, queue.length, asResult(tooSlow(name)));
            stream.end();
          }
        },
        onEnd: () => dispose(),
      });
      const dispose = client.subscribe<Record<string, unknown>>(
        { query, variables, ...(operationName === null ? {} : { operationName }) },
        {
          next: (result) => void stream.push(withErrors(result)),
          error(error) {
            const errors = Array.isArray(error) ? error.map(fromFormatted) : [toGraphQLError(unavailable(name, error))];
            stream.push({ data: null, errors });
            stream.end();
          },
          complete: () => stream.end(),
        },
      );
      return stream.values;
    },
    async readTypeDefs(signal) {
      const { data, errors } = await post({ query: '{ _service { sdl } }' }, signal);
      const service = data?._service;
      const sdl = typeof service === 'object' && service !== null && 'sdl' in service ? service.sdl : null;
      if (typeof sdl === 'string') return sdl;
      throw unavailable(name, `no SDL: ${errors?.[0]?.message ?? 'it is not a federation subgraph'}`);
    },
    close: async () => client.dispose(),
  };
}

type RemoteResult = FormattedExecutionResult<Record<string, unknown>>;

function isResult(answer: unknown): answer is RemoteResult {
  return typeof answer === 'object' && answer !== null && ('data' in answer || 'errors' in answer);
}

function withErrors({ data, errors }: { data?: RemoteResult['data']; errors?: RemoteResult['errors'] }): GraphResult {
  return { data: data ?? null, ...(errors === undefined ? {} : { errors: errors.map(fromFormatted) }) };
}

function asResult(error: AsofError): GraphResult {
  return { data: null, errors: [toGraphQLError(error)] };
}

function textOf(document: DocumentNode): string {
  const text = texts.get(document) ?? print(document);
  texts.set(document, text);
  return text;
}

function unavailable(name: string, cause: unknown): AsofError {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const got = inner instanceof Error ? inner.message : typeof inner === 'string' ? inner : 'a closed connection';
  const remedy = `Check that the ${name} process runs and that its address is right.`;
  return new AsofError('UNAVAILABLE', `the subgraph '${name}' does not answer`, { got, remedy }, { cause });
}

function tooSlow(name: string): AsofError {
  return new AsofError('LIMIT_EXCEEDED', `this subscription cannot keep up with the subgraph '${name}'`, {
    expected: `at most ${queueLimit} results waiting`,
    remedy: 'Subscribe again, from the last cursor where the field takes one.',
  });
}
