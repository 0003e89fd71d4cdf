import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ExecutionArgs, GraphQLError } from 'graphql';
import { GRAPHQL_TRANSPORT_WS_PROTOCOL, handleProtocols, makeServer } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { AsofError } from '../core/errors/asof-error.ts';
import type { SystemClock } from '../core/ports/clocks.ts';
import { createDocumentCache } from './documents.ts';
import type { Graph, GraphResult, GraphResultStream, GraphSource } from './graph.ts';
import { type PublicErrors, toGraphQLError } from './graphql-errors.ts';
import type { GraphLimits } from './limits.ts';
import type { Logger } from './logging.ts';
import type { Metrics } from './metrics.ts';
import type { RunOperation } from './operations.ts';

/** GraphQL over WebSocket (graphql-transport-ws): queries, mutations and subscriptions. */
export interface GraphqlOverWebSocket {
  /** Takes over a socket that asked for an upgrade. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Ends every subscription and says 1001 to every client; cuts who has not answered when the signal aborts. */
  close(cut: AbortSignal): Promise<void>;
}

interface SocketExtra {
  readonly signal: AbortSignal;
}

/** A client that has not answered a ping when the next is due is gone. */
const pingMillis = 12_000;

export function createGraphqlOverWebSocket(deps: {
  readonly source: GraphSource;
  readonly run: RunOperation;
  readonly limits: GraphLimits;
  readonly publicErrors: PublicErrors;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly systemClock: SystemClock;
}): GraphqlOverWebSocket {
  const { source, run, limits, publicErrors, metrics, logger, systemClock } = deps;
  const check = createDocumentCache(limits);
  const prepared = new WeakMap<ExecutionArgs, () => Promise<GraphResult | GraphResultStream>>();
  const execute = (args: ExecutionArgs) => prepared.get(args)?.() ?? Promise.reject(new Error('not prepared'));

  const protocol = makeServer<Record<string, unknown>, SocketExtra>({
    onSubscribe(context, _id, { query, operationName, variables }) {
      const open = Object.keys(context.subscriptions).length;
      if (open > limits.subscriptionsPerSocket) return [tooMany(limits.subscriptionsPerSocket)];
      const graph: Graph = source.current();
      const checked = check(graph.schema, query);
      if ('errors' in checked) return checked.errors.map(publicErrors);
      const args = {
        schema: graph.schema,
        document: checked.document,
        operationName: operationName ?? null,
        variableValues: variables ?? {},
      };
      const request = {
        document: args.document,
        operationName: args.operationName,
        variables: args.variableValues,
        requestId: randomUUID(),
      };
      prepared.set(args, () => run(graph, request, { transport: 'ws', signal: context.extra.signal }));
      return args;
    },
    execute,
    subscribe: execute,
    onError: (_context, _id, _payload, errors) => errors.map((error) => publicErrors(error).toJSON()),
  });

  const server = new WebSocketServer({
    noServer: true,
    maxPayload: limits.bodyBytes,
    handleProtocols,
    perMessageDeflate: false,
  });

  return {
    upgrade(request, socket, head) {
      if (server.clients.size >= limits.sockets) {
        socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n');
        return;
      }
      server.handleUpgrade(request, socket, head, serve);
    },
    async close(cut) {
      const gone = [...server.clients].map(
        (client) => new Promise<void>((resolve) => client.once('close', () => resolve())),
      );
      for (const client of server.clients) client.close(1001, 'Going away');
      const terminate = () => {
        for (const client of server.clients) client.terminate();
      };
      if (cut.aborted) terminate();
      else cut.addEventListener('abort', terminate, { once: true });
      await Promise.all(gone);
      cut.removeEventListener('abort', terminate);
      server.close();
    },
  };

  function serve(socket: WebSocket): void {
    metrics.socketsOpen.inc();
    const left = new AbortController();
    const closed = protocol.opened(
      {
        protocol: socket.protocol === GRAPHQL_TRANSPORT_WS_PROTOCOL ? socket.protocol : '',
        // Resolves when the kernel took the message: a slow client slows its own source and no other. One that is gone
        // is no failure: its `close` ends what it asked for.
        send: (text) =>
          new Promise<void>((resolve) => {
            if (socket.readyState === socket.OPEN) socket.send(text, () => resolve());
            else resolve();
          }),
        close: (code, reason) => socket.close(code, reason),
        onMessage(receive) {
          socket.on('message', (message) => {
            receive(String(message)).catch((error: unknown) => {
              logger.warn({ err: error }, 'a WebSocket message could not be handled');
              socket.close(4500, 'Internal server error');
            });
          });
        },
      },
      { signal: left.signal },
    );
    socket.on('error', (error) => logger.debug({ err: error }, 'a WebSocket failed'));
    void keepAlive(socket, left.signal);
    socket.once('close', (code, reason) => {
      left.abort();
      metrics.socketsOpen.dec();
      closed(code, String(reason)).catch((error: unknown) => {
        logger.warn({ err: error }, 'a WebSocket could not be closed cleanly');
      });
    });
  }

  async function keepAlive(socket: WebSocket, gone: AbortSignal): Promise<void> {
    let isAnswered = true;
    socket.on('pong', () => {
      isAnswered = true;
    });
    try {
      for (;;) {
        await systemClock.sleep(pingMillis, gone);
        if (!isAnswered) return socket.terminate();
        isAnswered = false;
        socket.ping();
      }
    } catch {
      // The socket closed while this slept.
    }
  }
}

function tooMany(limit: number): GraphQLError {
  return toGraphQLError(
    new AsofError('LIMIT_EXCEEDED', 'too many operations on this WebSocket', {
      expected: `at most ${limit} at once`,
      remedy: 'End some, or select more in one operation.',
    }),
  );
}
