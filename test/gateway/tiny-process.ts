import { createClient } from 'graphql-ws';
import { afterEach } from 'vitest';
import WebSocket from 'ws';
import { createSystemClock } from '../../adapters/clock/system-clock.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import { createGateway } from '../../gateway/gateway.ts';
import { localParts } from '../../gateway/subgraph.ts';
import type { Authenticator } from '../../runtime/access/authenticator.ts';
import type { MutationRoles } from '../../runtime/access/operation-access.ts';
import type { Need } from '../../runtime/access/principal.ts';
import { createGraphqlDoor } from '../../runtime/graphql-door.ts';
import { type HttpHost, startHttpHost } from '../../runtime/http-host.ts';
import type { Route } from '../../runtime/http-route.ts';
import type { GraphLimits } from '../../runtime/limits.ts';
import { createLogger } from '../../runtime/logging.ts';
import { createMetrics } from '../../runtime/metrics.ts';
import { homeRoute, operationalRoutes } from '../../runtime/operational-routes.ts';
import type { TrustedDocuments } from '../../runtime/trusted-documents.ts';
import { createTinyWorld, registryAt } from './tiny-subgraphs.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

export interface ProcessOptions {
  limits?: Partial<GraphLimits>;
  authenticator?: Authenticator;
  mutationRoles?: MutationRoles;
  trusted?: TrustedDocuments;
  needs?: Need;
  routes?: readonly Route[];
  clock?: SystemClock;
  unready?: string[];
}

/** A whole process over the tiny subgraphs, and everything it logged. */
export async function startProcess(options: ProcessOptions = {}) {
  const logged: string[] = [];
  const logger = createLogger({
    name: 'test',
    level: 'info',
    destination: { write: (line) => void logged.push(line) },
  });
  const metrics = createMetrics();
  const systemClock = options.clock ?? createSystemClock();
  const world = createTinyWorld();
  const gateway = createGateway({ metrics, logger });
  const update = (revision: number) => gateway.update(localParts(world.subgraphs, registryAt(revision)));
  await update(1);
  const door = createGraphqlDoor({
    source: gateway,
    metrics,
    logger,
    systemClock,
    defaultQuery: '{ airport(iata: "ATL") { delay } }',
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.trusted === undefined ? {} : { trusted: options.trusted }),
    ...(options.mutationRoles === undefined ? {} : { mutationRoles: options.mutationRoles }),
  });
  const host = await startHttpHost({
    host: '127.0.0.1',
    port: 0,
    routes: [
      ...door.routes,
      ...(options.routes ?? []),
      ...operationalRoutes({ metrics, unready: () => options.unready ?? [] }),
      homeRoute('Asof', [{ path: '/graphql', what: 'GraphiQL' }]),
    ],
    upgrades: door.upgrades,
    authenticator: options.authenticator ?? null,
    ...(options.needs === undefined ? {} : { needs: options.needs }),
    logger,
    systemClock,
  });
  closing.push(async () => {
    await host.close(0);
    await door[Symbol.asyncDispose]();
  });
  return { host, world, gateway, update, metrics, logged };
}

export const at = (host: HttpHost, path = '/graphql') => `http://127.0.0.1:${host.port}${path}`;

export async function post(host: HttpHost, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(at(host), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

export function clientOf(host: HttpHost, headers: Record<string, string> = {}) {
  const client = createClient({
    url: `ws://127.0.0.1:${host.port}/graphql`,
    retryAttempts: 0,
    webSocketImpl: class extends WebSocket {
      constructor(address: string, protocols: string[]) {
        super(address, protocols, { headers });
      }
    },
  });
  closing.push(async () => client.dispose());
  return client;
}

export async function collect(client: ReturnType<typeof clientOf>, query: string): Promise<unknown[]> {
  const results = [];
  for await (const result of client.iterate({ query })) results.push(result);
  return results;
}

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}

/** A query that every process answers. */
export const ok = { query: '{ airport(iata: "ATL") { delay } }' };
