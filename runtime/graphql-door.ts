import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { SystemClock } from '../core/ports/clocks.ts';
import type { GraphSource } from './graph.ts';
import { graphiqlPage } from './graphiql.ts';
import { createPublicErrors } from './graphql-errors.ts';
import { createGraphqlOverHttp } from './graphql-http.ts';
import { createGraphqlOverWebSocket } from './graphql-websocket.ts';
import type { UpgradeRoute } from './http-host.ts';
import { type Route, readJsonBody } from './http-route.ts';
import { defaultLimits, type GraphLimits } from './limits.ts';
import type { Logger } from './logging.ts';
import type { Metrics } from './metrics.ts';
import { createRunOperation } from './operations.ts';

/** `/graphql` in all its forms: POST, GET, WebSocket, and GraphiQL for browsers. */
export interface GraphqlDoor extends AsyncDisposable {
  readonly routes: readonly Route[];
  readonly upgrades: readonly UpgradeRoute[];
}

/** Serves a graph, be it a subgraph or the supergraph; both transports run operations through one function. */
export async function createGraphqlDoor(deps: {
  readonly source: GraphSource;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly systemClock: SystemClock;
  readonly limits?: Partial<GraphLimits>;
  /** What GraphiQL shows first; null = no GraphiQL. */
  readonly defaultQuery: string | null;
}): Promise<GraphqlDoor> {
  const limits = { ...defaultLimits, ...deps.limits };
  const publicErrors = createPublicErrors(deps.logger);
  const run = createRunOperation({ ...deps, limits, publicErrors });
  const http = await createGraphqlOverHttp({ ...deps, limits, publicErrors, run });
  const webSocket = createGraphqlOverWebSocket({ ...deps, limits, publicErrors, run });
  const { defaultQuery } = deps;
  let page: Promise<Buffer> | null = null;

  const route: Route = {
    path: '/graphql',
    methods: ['GET', 'POST'],
    async handle(request, response) {
      if (defaultQuery !== null && wantsPage(request)) {
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
        return;
      }
      const body = request.method === 'POST' ? await readJsonBody(request, limits.bodyBytes) : undefined;
      await http.handle(request, response, body);
    },
  };
  return {
    routes: [route],
    upgrades: [{ path: '/graphql', upgrade: webSocket.upgrade, close: webSocket.close }],
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  };
}

/** Browsers ask for HTML first and understand gzip; programs that speak GraphQL ask for JSON. */
function wantsPage(request: IncomingMessage): boolean {
  const { accept = '', 'accept-encoding': encoding = '' } = request.headers;
  return request.method !== 'POST' && accept.includes('text/html') && String(encoding).includes('gzip');
}
