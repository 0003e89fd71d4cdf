import { setMaxListeners } from 'node:events';
import type { Duplex } from 'node:stream';
import { GRAPHQL_TRANSPORT_WS_PROTOCOL, handleProtocols } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { AsofError } from '../core/errors/asof-error.ts';
import type { SystemClock } from '../core/ports/clocks.ts';
import type { Credentials } from './access/authenticator.ts';
import type { RunDirectly } from './direct-runner.ts';
import { createDocumentCache } from './documents.ts';
import type { GraphSource } from './graph.ts';
import type { PublicErrors } from './graphql-errors.ts';
import type { Admit, UpgradeRequest } from './http-host.ts';
import type { GraphLimits } from './limits.ts';
import type { Logger } from './logging.ts';
import type { Metrics } from './metrics.ts';
import type { RunOperation } from './operations.ts';
import { createOwedAnswers, type OwedAnswers } from './owed-answers.ts';
import type { TrustedDocuments } from './trusted-documents.ts';
import { createWebSocketProtocol, type SocketExtra } from './websocket-protocol.ts';
import { createSocketQueries } from './websocket-queries.ts';
import { createSocketWriter, type SocketWriter } from './websocket-writer.ts';

/** GraphQL over WebSocket (graphql-transport-ws): queries, mutations and subscriptions. */
export interface GraphqlOverWebSocket {
  /**
   * Takes over a socket that asked for an upgrade; NOT_READY as long as there is no graph. Whose header Authorization
   * was not there to be admitted, shows the same in the payload of connection_init, or is closed with 4403. Every
   * operation is admitted anew.
   */
  upgrade(asked: UpgradeRequest, admit: Admit): void;
  /** Closes the sockets of those who are admitted no more with 4403. */
  recheck(): Promise<void>;
  /**
   * Has every client connect anew (1012), once what it has asked for is answered; its subscriptions end with the socket, and
   * what it asks meanwhile is not read, so that it can ask elsewhere. Cuts who has not gone when the signal aborts.
   */
  close(cut: AbortSignal): Promise<void>;
}

/** "Service Restart" in IANA's registry of WebSocket close codes: clients of graphql-ws connect again after it. */
const serviceRestart = 1012;

/** A client that has not answered a ping when the next is due is gone. */
const pingMillis = 12_000;

export function createGraphqlOverWebSocket(deps: {
  readonly source: GraphSource;
  readonly run: RunOperation;
  readonly runDirectly: RunDirectly;
  readonly limits: GraphLimits;
  readonly trusted: TrustedDocuments;
  readonly publicErrors: PublicErrors;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly systemClock: SystemClock;
}): GraphqlOverWebSocket {
  const { source, run, limits, trusted, publicErrors, metrics, logger, systemClock } = deps;
  const check = createDocumentCache(limits);
  const queriesDeps = { source, check, trusted, runDirectly: deps.runDirectly, atOnce: limits.subscriptionsPerSocket };
  const sockets = new Map<WebSocket, SocketExtra>();
  const owed = new WeakMap<WebSocket, OwedAnswers>();
  const writers = new WeakMap<WebSocket, SocketWriter>();
  let isClosing = false;

  const protocol = createWebSocketProtocol({ source, run, limits, trusted, check, publicErrors });

  const server = new WebSocketServer({
    noServer: true,
    maxPayload: limits.bodyBytes,
    handleProtocols,
    perMessageDeflate: false,
  });

  return {
    upgrade({ request, socket, head }, admit) {
      // NOT_READY before anything can be subscribed to.
      source.current();
      if (isClosing || server.clients.size >= limits.sockets) {
        socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n');
        return;
      }
      server.handleUpgrade(request, socket, head, (webSocket) =>
        serve(webSocket, socket, { authorization: request.headers.authorization }, admit),
      );
    },
    async recheck() {
      await Promise.all(
        [...sockets.values()]
          .filter(({ context }) => context !== null)
          .map(({ admit, credentials, refuse }) => admit(credentials).catch(refuse)),
      );
    },
    async close(cut) {
      const gone = [...server.clients].map(
        (client) => new Promise<void>((resolve) => client.once('close', () => resolve())),
      );
      isClosing = true;
      for (const client of server.clients) {
        const restart = () => writers.get(client)!.close(serviceRestart, 'Service restart');
        void (owed.get(client)?.settled() ?? Promise.resolve()).then(restart);
      }
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

  function serve(socket: WebSocket, stream: Duplex, credentials: Credentials, admit: Admit): void {
    metrics.socketsOpen.inc();
    const left = new AbortController();
    // Each operation of the socket listens.
    setMaxListeners(0, left.signal);
    const writer = createSocketWriter(socket, stream, left.signal);
    writers.set(socket, writer);
    const extra: SocketExtra = {
      signal: left.signal,
      admit,
      credentials,
      context: null,
      opened: 0,
      refuse: (error) => writer.close(4403, reasonOf(error)),
      answered: () => {},
      send: writer.sendEvent,
    };
    sockets.set(socket, extra);
    const answers = createOwedAnswers();
    owed.set(socket, answers);
    const closed = protocol.opened(
      {
        protocol: socket.protocol === GRAPHQL_TRANSPORT_WS_PROTOCOL ? socket.protocol : '',
        send: writer.sendNow,
        close: writer.close,
        onMessage(receive) {
          const giveUp = (error: unknown): void => {
            logger.warn({ err: error }, 'a WebSocket message could not be handled');
            writer.close(4500, 'Internal server error');
          };
          const pass = (text: string): void => {
            extra.answered = answers.begin();
            receive(text).catch(giveUp).finally(extra.answered);
          };
          const queries = createSocketQueries(queriesDeps, {
            context: () => extra.context,
            admit: (told) => admit({ ...extra.credentials, ...told }),
            send: writer.send,
            close: writer.close,
            pass,
            begin: answers.begin,
          });
          socket.on('message', (message) => {
            if (isClosing) return;
            const text = String(message);
            try {
              if (!queries.take(text)) pass(text);
            } catch (error) {
              // Thrown from here it would end the process.
              giveUp(error);
            }
          });
        },
      },
      extra,
    );
    socket.on('error', (error) => logger.debug({ err: error }, 'a WebSocket failed'));
    void keepAlive(socket, left.signal);
    socket.once('close', (code, reason) => {
      left.abort();
      sockets.delete(socket);
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

/** A close frame has room for 123 bytes. */
function reasonOf(error: unknown): string {
  return error instanceof AsofError ? error.summary.slice(0, 120) : 'Forbidden';
}
