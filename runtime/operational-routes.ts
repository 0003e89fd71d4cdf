import { type Route, send, sendJson } from './http-route.ts';
import type { Metrics } from './metrics.ts';

export interface ProcessIdentity {
  readonly role: string;
  readonly pid: number;
  /** Of a worker, its number, from 1 on. */
  readonly worker?: number;
}

/** What operators and their machines ask of every process. */
export function operationalRoutes(deps: {
  readonly metrics: Pick<Metrics, 'expose'>;
  /** Which process this is, as `/healthz` says it. */
  readonly identity?: ProcessIdentity;
  /** Why requests cannot be answered yet, one sentence each; empty = ready. */
  readonly unready: () => Promise<readonly string[]> | readonly string[];
  /** What is amiss while requests are answered all the same, one sentence each. */
  readonly notes?: () => readonly string[];
}): Route[] {
  return [
    {
      path: '/healthz',
      methods: ['GET'],
      isOpen: true,
      handle: async (_request, response) => sendJson(response, 200, { status: 'ok', ...deps.identity }),
    },
    // The second is what clients of Feast ask.
    ...['/readyz', '/health'].map(
      (path): Route => ({
        path,
        methods: ['GET'],
        isOpen: true,
        async handle(_request, response) {
          const reasons = await deps.unready();
          const isReady = reasons.length === 0;
          sendJson(response, isReady ? 200 : 503, {
            status: isReady ? 'ready' : 'not ready',
            reasons,
            notes: deps.notes?.() ?? [],
          });
        },
      }),
    ),
    {
      path: '/metrics',
      methods: ['GET'],
      needs: 'reader',
      async handle(_request, response) {
        const { contentType, text } = await deps.metrics.expose();
        send(response, 200, contentType, text);
      },
    },
  ];
}

/** A small page at `/` that says what is served where. */
export function homeRoute(title: string, links: readonly { readonly path: string; readonly what: string }[]): Route {
  const items = links.map(
    ({ path, what }) => `<li><a href="${escaped(path)}">${escaped(path)}</a> ${escaped(what)}</li>`,
  );
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escaped(title)}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;margin:4rem auto;max-width:40rem;padding:0 1rem}</style>
<h1>${escaped(title)}</h1><ul>${items.join('')}</ul></html>\n`;
  return {
    path: '/',
    methods: ['GET'],
    isOpen: true,
    handle: async (_request, response) => send(response, 200, 'text/html; charset=utf-8', page),
  };
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
