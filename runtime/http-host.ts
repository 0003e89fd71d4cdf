import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { AsofError } from '../core/errors/asof-error.ts';
import type { SystemClock } from '../core/ports/clocks.ts';
import { type Authenticator, type Credentials, localAuthenticator } from './access/authenticator.ts';
import { type Need, type Principal, requireNeed } from './access/principal.ts';
import { createAddressReader } from './addresses.ts';
import { createPublicErrors } from './graphql-errors.ts';
import { httpStatusOf, isReadSoon, type Route, sendJson } from './http-route.ts';
import { isLoopback, listen, requireTokensBeyondLoopback } from './listening.ts';
import type { Logger } from './logging.ts';
import { switchProtocols } from './protocols.ts';
import { createQuickAnswers } from './quick/quick-answers.ts';
import { createQuickConnections } from './quick/quick-connections.ts';

/** Says who shows these; rejects with UNAUTHENTICATED, or with FORBIDDEN who may not come here. */
export type Admit = (credentials: Credentials) => Promise<Principal>;

export interface UpgradeRequest {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** Who takes over sockets at `path`, and sees to it that nobody is served who is not admitted. */
export interface UpgradeRoute {
  readonly path: string;
  /** A request with the header Authorization is admitted already; browsers can show theirs only later. */
  upgrade(asked: UpgradeRequest, admit: Admit): void;
  /** Other tokens are good than before. */
  recheck(): Promise<void>;
  close(cut: AbortSignal): Promise<void>;
}

/** Serves HTTP/2 on sockets that the host has accepted. */
export interface Http2Acceptor {
  accept(socket: Socket): void;
  /** Takes nothing new and finishes what is under way; the signal cuts it. */
  close(cut: AbortSignal): Promise<void>;
}

export interface HttpHostOptions {
  /** Anything but a loopback address needs an authenticator. */
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  /** Looked at for each request: what cannot be served yet may be added. */
  readonly routes: readonly Route[];
  readonly upgrades: readonly UpgradeRoute[];
  /** Who takes over connections of HTTP/2, which are gRPC's; null = nobody, and they are cut. */
  readonly http2?: () => Http2Acceptor | null;
  /** Whether some are still to come: what is not there is NOT_READY then, not unknown. Default: none. */
  readonly isOpening?: () => boolean;
  /** null = whoever reaches this address is welcome. */
  readonly authenticator: Authenticator | null;
  /** What routes need that say nothing else, and sockets; default reader. */
  readonly needs?: Need;
  readonly logger: Logger;
  readonly systemClock: SystemClock;
}

export interface HttpHost {
  readonly port: number;
  /** As a person types it: `http://localhost:4000`. */
  readonly url: string;
  /** From here on every answer asks its client to connect anew, which a load balancer then has it do elsewhere. */
  drain(): void;
  /**
   * Accepts nothing new, tells WebSocket clients that it goes away, lets running requests finish for `graceMillis`,
   * then cuts what is left.
   */
  close(graceMillis: number): Promise<void>;
}

/** A connection that asks for nothing is closed after this time. */
const keepAliveMillis = 30_000;

/**
 * Starts to listen. BAD_INPUT for an address that others can reach without an authenticator; UNAVAILABLE when the
 * port is taken.
 */
export async function startHttpHost(options: HttpHostOptions): Promise<HttpHost> {
  const { host, routes, upgrades, logger, systemClock } = options;
  requireTokensBeyondLoopback(host, options.authenticator);
  const isLocal = isLoopback(host);
  const authenticator = options.authenticator ?? localAuthenticator;
  const hostNeeds = options.needs ?? 'reader';
  const admit = async (credentials: Credentials, need: Need, what: string): Promise<Principal> => {
    const principal = await authenticator.authenticate(credentials);
    requireNeed(principal, need, what);
    return principal;
  };
  const publicErrors = createPublicErrors(logger);
  const addressOf = createAddressReader(isLocal);
  let isDraining = false;
  let closing: Promise<void> | null = null;

  const server = createServer({ requestTimeout: 60_000, headersTimeout: 15_000, keepAliveTimeout: keepAliveMillis });
  server.on('request', (request, response) => void answer(request, response));
  server.on('upgrade', (request, socket, head) => void takeOver(request, socket, head));
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
  });
  const quick = createQuickConnections({
    answer: createQuickAnswers({ routes, admit, needs: hostNeeds, addressOf, publicErrors }),
    isDraining: () => isDraining,
    systemClock,
    idleMillis: keepAliveMillis,
  });
  const undecided = switchProtocols(server, {
    acceptHttp2(socket) {
      const acceptor = options.http2?.() ?? null;
      if (acceptor === null || closing !== null) socket.destroy();
      else acceptor.accept(socket);
    },
    acceptPlain: quick.accept,
  });
  const port = await listen(server, options);
  const stopChecking = authenticator.onChange(() => {
    for (const route of upgrades) {
      route.recheck().catch((error: unknown) => logger.warn({ err: error }, 'sockets could not be checked'));
    }
  });

  return {
    port,
    url: `http://${isLocal ? 'localhost' : host.includes(':') ? `[${host}]` : host}:${port}`,
    drain() {
      isDraining = true;
    },
    close(graceMillis) {
      closing ??= close(graceMillis);
      return closing;
    },
  };

  async function close(graceMillis: number): Promise<void> {
    isDraining = true;
    stopChecking();
    const cut = new AbortController();
    const finished = new AbortController();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    undecided.close();
    const grace = systemClock.sleep(graceMillis, finished.signal).then(
      () => {
        server.getConnections((_error, connections) => {
          logger.warn({ connections }, 'the grace is over: connections that were still open were cut');
          cut.abort();
          server.closeAllConnections();
        });
      },
      () => {},
    );
    const others = [...upgrades, quick, options.http2?.() ?? null];
    await Promise.all([closed, ...others.map((other) => other?.close(cut.signal))]);
    finished.abort();
    await grace;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', (error) => logger.debug({ err: error }, 'a response could not be sent'));
    if (isDraining) response.setHeader('connection', 'close');
    try {
      const url = addressOf(request.headers.host ?? '', request.url ?? '/');
      const matches = routes.filter((route) => isAt(route, url.pathname));
      const method = request.method === 'HEAD' ? 'GET' : (request.method ?? '');
      const route = matches.find(({ methods, isFor }) => methods.includes(method) && isFor?.(request) !== false);
      if (route === undefined && options.isOpening?.() === true) throw opening();
      if (route === undefined) return refuseRoute(response, url, matches);
      if (route.isOpen === true) return await route.handle(request, response, { url });
      const principal = await admit(request.headers, route.needs ?? hostNeeds, url.pathname);
      await route.handle(request, response, { url, principal });
    } catch (error) {
      refuse(response, error);
    }
  }

  async function takeOver(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', (error) => logger.debug({ err: error }, 'a socket failed'));
    try {
      const url = addressOf(request.headers.host ?? '', request.url ?? '/');
      const route = upgrades.find((candidate) => candidate.path === url.pathname);
      if (route === undefined && options.isOpening?.() === true) throw opening();
      if (route === undefined) return rejectUpgrade(socket, 404);
      checkOrigin(request);
      const admitHere: Admit = (credentials) => admit(credentials, hostNeeds, route.path);
      if (request.headers.authorization !== undefined) await admitHere(request.headers);
      route.upgrade({ request, socket, head }, admitHere);
    } catch (error) {
      rejectUpgrade(socket, error instanceof AsofError ? httpStatusOf(error.code) : 500);
    }
  }

  function refuse(response: ServerResponse, error: unknown): void {
    const visible = publicErrors(error);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const status = error instanceof AsofError ? httpStatusOf(error.code) : 500;
    // A new connection costs a busy process more than the rest of a short body, which Node reads and forgets.
    if (!isReadSoon(response.req)) response.setHeader('connection', 'close');
    if (status === 503) response.setHeader('retry-after', '1');
    if (status === 401) response.setHeader('www-authenticate', 'Bearer');
    sendJson(response, status, { errors: [visible.toJSON()] });
  }
}

function opening(): AsofError {
  return new AsofError('NOT_READY', 'this process is starting', {
    remedy: 'Try again in a moment; /readyz says what it waits for.',
  });
}

/** Browsers let any page open a WebSocket or a stream of events to anywhere, and send along where the page is from. */
export function checkOrigin(request: IncomingMessage): void {
  const origin = request.headers.origin;
  if (origin === undefined) return;
  if (URL.canParse(origin) && new URL(origin).host === request.headers.host) return;
  throw new AsofError('FORBIDDEN', 'a page of another origin may not listen here', { got: origin });
}

function isAt(route: Route, pathname: string): boolean {
  return route.path.length > 1 && route.path.endsWith('/') ? pathname.startsWith(route.path) : pathname === route.path;
}

function refuseRoute(response: ServerResponse, url: URL, matches: readonly Route[]): void {
  if (matches.length === 0) {
    const error = new AsofError('UNKNOWN_NAME', 'nothing is served at this path', { got: url.pathname.slice(0, 200) });
    sendJson(response, 404, { errors: [{ message: error.message, extensions: { code: error.code } }] });
    return;
  }
  const allowed = [...new Set(matches.flatMap((route) => route.methods))].join(', ');
  response.setHeader('allow', allowed);
  const message = `this path does not serve ${response.req.method}; expected ${allowed}`;
  sendJson(response, 405, { errors: [{ message, extensions: { code: 'BAD_INPUT' } }] });
}

function rejectUpgrade(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
