import { pipeline } from 'node:stream/promises';
import { AsofError } from '../core/errors/asof-error.ts';
import { tellPrincipal, toldPrincipalHeader } from '../runtime/access/principal.ts';
import type { Route } from '../runtime/http-route.ts';
import type { SubgraphAddress } from './subgraph.ts';

/** What a client may say about the part of a file it wants, and a server about what it sends. */
const requestHeaders = ['range', 'if-range', 'if-none-match'];
const responseHeaders = [
  'content-type',
  'content-length',
  'content-range',
  'accept-ranges',
  'etag',
  'x-content-type-options',
];

/** Files below `path` as another process has them, passed on as they come. UNAVAILABLE when it does not answer. */
export function fileProxy(path: string, { name, urls, token }: SubgraphAddress): Route {
  let turn = 0;
  return {
    path,
    methods: ['GET', 'HEAD'],
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
        answer = await fetch(target, { method: request.method ?? 'GET', headers, signal });
      } catch (cause) {
        throw new AsofError(
          'UNAVAILABLE',
          `the ${name} process, which has this file, does not answer`,
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
