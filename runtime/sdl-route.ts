import { createHash } from 'node:crypto';
import { type Route, send } from './http-route.ts';

/** `GET /sdl`: what this subgraph can answer now; asking again with the entity tag costs nothing while it is the same. */
export function sdlRoute(typeDefs: () => string): Route {
  let hashed = { text: '', tag: '' };
  return {
    path: '/sdl',
    methods: ['GET'],
    async handle(request, response) {
      const text = typeDefs();
      if (text !== hashed.text || hashed.tag === '') {
        hashed = { text, tag: `"${createHash('sha256').update(text).digest('base64url')}"` };
      }
      response.setHeader('etag', hashed.tag);
      response.setHeader('cache-control', 'no-cache');
      if (request.headers['if-none-match'] === hashed.tag) response.writeHead(304).end();
      else send(response, 200, 'text/plain; charset=utf-8', text);
    },
  };
}
