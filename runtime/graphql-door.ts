import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { AsofError } from '../core/errors/asof-error.ts';
import type { SystemClock } from '../core/ports/clocks.ts';
import { type MutationRoles, readMutationRoles } from './access/operation-access.ts';
import { createAdmission } from './admission.ts';
import { createDocumentCache } from './documents.ts';
import { featuresRoute } from './features-route.ts';
import type { GraphSource } from './graph.ts';
import { graphiqlPage } from './graphiql.ts';
import { createPublicErrors } from './graphql-errors.ts';
import { clientOf, createGraphqlOverHttp } from './graphql-http.ts';
import { createGraphqlOverSse, wantsEvents } from './graphql-sse.ts';
import { createGraphqlOverWebSocket } from './graphql-websocket.ts';
import { checkOrigin, type UpgradeRoute } from './http-host.ts';
import { type Route, readJsonBody } from './http-route.ts';
import { defaultLimits, type GraphLimits } from './limits.ts';
import type { Logger } from './logging.ts';
import type { Metrics } from './metrics.ts';
import { createOperationRunner } from './operations.ts';
import { withDocument } from './plain-post.ts';
import { resultText } from './result-text.ts';
import { noTrustedDocuments, type TrustedDocuments } from './trusted-documents.ts';

/** `/graphql` in all its forms: POST, GET, WebSocket, and GraphiQL for browsers; and `/v1/features` beside it. */
export interface GraphqlDoor extends AsyncDisposable {
  readonly routes: readonly Route[];
  readonly upgrades: readonly UpgradeRoute[];
}

/**
 * Serves a graph, be it a subgraph or the supergraph; both transports run operations through one function. As long as
 * `source` has none both refuse with NOT_READY.
 */
export function createGraphqlDoor(deps: {
  readonly source: GraphSource;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly systemClock: SystemClock;
  readonly limits?: Partial<GraphLimits>;
  /** What clients may name by an id; absent = nothing, and every text is taken. */
  readonly trusted?: TrustedDocuments;
  /** Absent = those of the public schema. */
  readonly mutationRoles?: MutationRoles;
  /** What GraphiQL shows first; null = no GraphiQL. */
  readonly defaultQuery: string | null;
}): GraphqlDoor {
  const limits = { ...defaultLimits, ...deps.limits };
  const publicErrors = createPublicErrors(deps.logger);
  const trusted = deps.trusted ?? noTrustedDocuments;
  const mutationRoles = deps.mutationRoles ?? readMutationRoles();
  const { run, runDirectly, close } = createOperationRunner({ ...deps, limits, publicErrors, mutationRoles });
  const failed = (error: unknown) => ({
    body: resultText({ data: null, errors: [publicErrors(error)] }),
    hasErrors: true,
  });
  const admission = createAdmission({ ...deps, most: limits.requestsAtOnce });
  const http = createGraphqlOverHttp({ ...deps, limits, trusted, publicErrors, run, runDirectly, failed });
  const webSocket = createGraphqlOverWebSocket({ ...deps, limits, trusted, publicErrors, run, runDirectly });
  const check = createDocumentCache(limits);
  const events = createGraphqlOverSse({ ...deps, run, check, publicErrors, most: limits.sockets });
  const { defaultQuery } = deps;
  const graph: Route = {
    path: '/graphql',
    methods: ['GET', 'POST'],
    quick(post, principal) {
      const leave = admission.enter();
      const answer = http.quick(post, principal);
      if (answer === null) leave();
      return answer?.finally(leave) ?? null;
    },
    async handle(request, response, { principal, url }) {
      const isReading = request.method !== 'POST';
      const readSent = async () => (isReading ? undefined : readJsonBody(request, limits.bodyBytes));
      if (!wantsEvents(request)) {
        const leave = admission.enter();
        try {
          return await http.handle(request, response, { principal, body: await readSent() });
        } finally {
          leave();
        }
      }
      const body = await readSent();
      checkOrigin(request);
      const asked = withDocument(isReading ? bodyOfAddress(url) : body, trusted);
      if (typeof asked !== 'object' || asked === null) throw unreadable();
      const client = clientOf(response);
      await events.handle(response, { principal, isReading, client, body: asked as Record<string, unknown> });
    },
  };
  const features = featuresRoute({ ...deps, run, runDirectly, failed, admission, limits });
  return {
    routes: defaultQuery === null ? [graph, features] : [graphiqlRoute(defaultQuery), graph, features],
    upgrades: [
      {
        path: '/graphql',
        ...webSocket,
        async recheck() {
          events.close();
          await webSocket.recheck();
        },
        async close(cut) {
          events.close();
          await webSocket.close(cut);
        },
      },
    ],
    async [Symbol.asyncDispose]() {
      close();
      await http[Symbol.asyncDispose]();
    },
  };
}

/** What a POST has in its body. */
function bodyOfAddress({ searchParams }: URL): Record<string, unknown> {
  const given = Object.fromEntries(searchParams);
  if (given.variables === undefined) return given;
  try {
    return { ...given, variables: JSON.parse(given.variables) as unknown };
  } catch {
    throw new AsofError('BAD_INPUT', 'the variables in the address are not JSON', { path: 'variables' });
  }
}

function unreadable(): AsofError {
  return new AsofError('BAD_INPUT', 'the request has no operation', {
    expected: 'a JSON object such as {"query": "subscription { … }"}, with content-type application/json',
  });
}

/** The page holds nothing of the store, and a browser that opens it cannot show a token: its headers are typed there. */
function graphiqlRoute(defaultQuery: string): Route {
  let page: Promise<Buffer> | null = null;
  return {
    path: '/graphql',
    methods: ['GET'],
    isOpen: true,
    isFor: wantsPage,
    async handle(request, response) {
      page ??= graphiqlPage({ endpoint: '/graphql', defaultQuery }).then((html) => promisify(gzip)(html));
      const body = await page;
      response.writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'content-encoding': 'gzip',
        'content-length': body.length,
        'cache-control': 'private, max-age=3600',
        vary: 'accept',
      });
      response.end(request.method === 'HEAD' ? undefined : body);
    },
  };
}

/** Browsers ask for HTML first and understand gzip; programs that speak GraphQL ask for JSON. */
function wantsPage(request: IncomingMessage): boolean {
  const { accept = '', 'accept-encoding': encoding = '' } = request.headers;
  return accept.includes('text/html') && String(encoding).includes('gzip');
}
