import { getOperationAST } from 'graphql';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { AsofError } from '../core/errors/asof-error.ts';
import type { SystemClock } from '../core/ports/clocks.ts';
import { tellPrincipal, toldPrincipalHeader } from '../runtime/access/principal.ts';
import type { GraphRequest, GraphResult, GraphResultStream } from '../runtime/graph.ts';
import { fromFormatted, toGraphQLError } from '../runtime/graphql-errors.ts';
import { createPushStream } from '../runtime/streams.ts';
import { asGraphResult, createRemoteQueries, type RemoteQueries, textOf } from './remote-queries.ts';
import type { SubgraphAddress, SubgraphExecutor } from './subgraph.ts';
import { connectMillis, createSubgraphAddresses } from './subgraph-addresses.ts';
import { createSubgraphHttp, unavailable } from './subgraph-http.ts';

/** A subgraph in another process: queries and mutations by POST, subscriptions over one shared WebSocket. */
export interface RemoteSubgraph {
  readonly execute: SubgraphExecutor;
  readonly direct: RemoteQueries['direct'];
  /** The subgraph's SDL; null when it is still the one with this tag. UNAVAILABLE when it cannot be asked. */
  readSdl(knownTag: string | null, signal: AbortSignal): Promise<TaggedSdl | null>;
  close(): Promise<void>;
}

export interface TaggedSdl {
  readonly typeDefs: string;
  /** The entity tag that it was sent with. */
  readonly tag: string | null;
}

/** How many results of one subscription may wait for the gateway before the subscription is ended with an error. */
const queueLimit = 1_000;

export function createRemoteSubgraph(address: SubgraphAddress, systemClock: SystemClock): RemoteSubgraph {
  const { name, token } = address;
  const addresses = createSubgraphAddresses(address.urls, systemClock);
  const http = createSubgraphHttp(address, addresses);
  const queries = createRemoteQueries({ address, http, systemClock });
  const client = createClient({
    url: () => new URL('/graphql', addresses.pick().origin).href.replace(/^http/, 'ws'),
    connectionAckWaitTimeout: connectMillis,
    lazy: true,
    // A silent new subscription would skip what happened in between: the subscriber must know, and resume by cursor.
    retryAttempts: 0,
    shouldRetry: () => false,
    webSocketImpl: class extends WebSocket {
      constructor(url: string, protocols: string | string[]) {
        const shown = token();
        const headers = shown === null ? {} : { authorization: `Bearer ${shown}` };
        super(url, protocols, { headers, handshakeTimeout: connectMillis });
      }
    },
  });

  function subscribe({ document, operationName, variables, principal }: GraphRequest): GraphResultStream {
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
      {
        query: textOf(document),
        variables,
        ...(operationName === null ? {} : { operationName }),
        extensions: { [toldPrincipalHeader]: tellPrincipal(principal) },
      },
      {
        next: (result) => void stream.push(asGraphResult(result)),
        error(error) {
          const errors = Array.isArray(error) ? error.map(fromFormatted) : [toGraphQLError(unavailable(name, error))];
          stream.push({ data: null, errors });
          stream.end();
        },
        complete: () => stream.end(),
      },
    );
    return stream.values;
  }

  return {
    async execute(request) {
      const operation = getOperationAST(request.document, request.operationName);
      return operation?.operation === 'subscription' ? subscribe(request) : queries.execute(request);
    },
    direct: queries.direct,
    async readSdl(knownTag, signal) {
      const headers: Record<string, string> = knownTag === null ? {} : { 'if-none-match': knownTag };
      const {
        status,
        headers: told,
        body,
      } = await http.ask({ method: 'GET', path: '/sdl', headers, isRepeatable: true }, signal).answer;
      const text = body.toString('utf8');
      if (status === 304) return null;
      if (status !== 200) throw unavailable(name, `no SDL: status ${status} ${text.slice(0, 200)}`);
      return { typeDefs: text, tag: told.etag === undefined ? null : String(told.etag) };
    },
    async close() {
      queries.close();
      await Promise.all([client.dispose(), addresses.close()]);
    },
  };
}

function asResult(error: AsofError): GraphResult {
  return { data: null, errors: [toGraphQLError(error)] };
}

function tooSlow(name: string): AsofError {
  return new AsofError('LIMIT_EXCEEDED', `this subscription cannot keep up with the subgraph '${name}'`, {
    expected: `at most ${queueLimit} results waiting`,
    remedy: 'Subscribe again, from the last cursor where the field takes one.',
  });
}
