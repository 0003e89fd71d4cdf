import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AsofError } from '../core/errors/asof-error.ts';
import { tellPrincipal, toldPrincipalHeader } from '../runtime/access/principal.ts';
import type { GuardedRoute, Route } from '../runtime/http-route.ts';
import type { SubgraphAddress } from './subgraph.ts';

/** What a client may say of what it sends and wants, the part of a file for one, and a server of what it sends. */
const requestHeaders = ['content-type', 'content-length', 'range', 'if-range', 'if-none-match'];
const responseHeaders = [
  'content-type',
  'content-length',
  'content-range',
  'accept-ranges',
  'etag',
  'x-content-type-options',
  'retry-after',
];

/** What stands at these paths of another process, passed on as it comes. UNAVAILABLE when it does not answer. */
export function httpProxy(
  { path, methods, needs }: Pick<GuardedRoute, 'path' | 'methods' | 'needs'>,
  { name, urls, token }: SubgraphAddress,
): Route {
  let turn = 0;
  return {
    path,
    methods,
    ...(needs && { needs }),
    async handle(request, response, { url, principal }) {
      const headers = new Headers({ [toldPrincipalHeader]: tellPrincipal(principal) });
      const shown = token();
      if (shown !== null) headers.set('authorization', `Bearer ${shown}`);
      for (const header of requestHeaders) {
        const value = request.headers[header];
        if (typeof value === 'string') headers.set(header, value);
      }
      const left = new AbortController();
      response.once('close', () => left.abort());
      const { signal } = left;
      let answer: Response;
      try {
        const target = new URL(url.pathname + url.search, urls[turn++ % urls.length]);
        const sent = request.method === 'POST' ? { body: Readable.toWeb(request), duplex: 'half' } : {};
        answer = await fetch(target, { method: request.method ?? 'GET', headers, signal, ...sent } as RequestInit);
      } catch (cause) {
        throw new AsofError(
          'UNAVAILABLE',
          `the ${name} process, which answers this, is not there`,
          { path: url.pathname.slice(0, 200), remedy: 'Try again; check that it runs and that its address is right.' },
          { cause },
        );
      }
      for (const header of responseHeaders) {
        const value = answer.headers.get(header);
        if (value !== null) response.setHeader(header, value);
      }
      response.writeHead(answer.status);
      if (answer.body === null) response.end();
      else await pipeline(answer.body, response);
    },
  };
}
