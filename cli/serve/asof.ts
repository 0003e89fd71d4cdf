import type { MaterializationJob } from '../../core/ports/materializer.ts';
import { createClosingStack } from '../../runtime/closing-stack.ts';
import type { GrpcHost } from '../../runtime/grpc/grpc-host.ts';
import { startHttpHost, type UpgradeRoute } from '../../runtime/http-host.ts';
import type { Route } from '../../runtime/http-route.ts';
import type { Logger } from '../../runtime/logging.ts';
import type { Metrics } from '../../runtime/metrics.ts';
import { homeRoute, operationalRoutes } from '../../runtime/operational-routes.ts';
import { openAccess } from './access.ts';
import { openWhenServersAnswer } from './await-servers.ts';
import { type CompositionOptions, compose } from './compose.ts';
import { openGrpc } from './grpc.ts';
import type { Part, Shared } from './parts/part.ts';
import { isBehindGateway, type Role } from './roles.ts';
import type { Settings } from './settings.ts';
import type { Stores } from './stores.ts';

export interface AsofOptions extends CompositionOptions {
  readonly role: Role;
  readonly settings: Settings;
  readonly stores: Stores;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** One process of Asof: all of it, or one part. */
export interface Asof extends AsyncDisposable {
  readonly url: string;
  /** Resolves when every view has its history, with the jobs that it took; at once where other processes fill them. */
  readonly filled: Promise<readonly MaterializationJob[]>;
}

/** Of the grace that a process has to stop, what is left for work in the background when requests have ended. */
const backgroundShare = 0.2;

/**
 * Opens the door, then waits for the servers that it needs and does its work beside; `/readyz` tells when it can be relied
 * upon. Closing it drains: not ready at once, for a moment as before, then nothing new, and what runs is finished.
 *
 * @param signal ends the waiting for servers
 */
export async function startAsof(options: AsofOptions, signal: AbortSignal): Promise<Asof> {
  const { role, settings, stores, logger, metrics } = options;
  const { systemClock } = stores;
  const onError = (error: unknown): void => logger.error({ err: error }, 'work in the background failed');
  const stack = createClosingStack();
  /** Why it is not ready, beside what its parts say. */
  let state: 'serving' | 'stopping' | { readonly waitsFor: string } = { waitsFor: 'it is starting' };
  const parts: Part[] = [];
  const unready = (): string[] => {
    if (state === 'stopping') return ['the process is stopping'];
    return state === 'serving' ? parts.flatMap((part) => part.unready?.() ?? []) : [state.waitsFor];
  };
  const routes: Route[] = operationalRoutes({
    metrics,
    identity: { role, pid: process.pid },
    unready,
    notes: () => [...parts.flatMap((part) => part.notes?.() ?? []), ...stores.notes()],
  });
  const ownRoutes = routes.length;
  const upgrades: UpgradeRoute[] = [];
  let grpc: GrpcHost | null = null;
  const isBehind = isBehindGateway(role);
  const needs = isBehind ? 'gateway' : 'reader';

  /** Everything behind the door. */
  async function open(shared: Shared) {
    const composition = await compose(role, shared, options);
    const taken = composition.watcher?.current();
    parts.push(...composition.parts);
    const links = parts.flatMap((part) => part.links ?? []);
    routes.push(...parts.flatMap((part) => part.routes ?? []), home(role, links));
    upgrades.push(...parts.flatMap((part) => part.upgrades ?? []));
    grpc = openGrpc(shared, {
      routes: parts.flatMap((part) => part.grpc ?? []),
      needs,
      isServing: () => unready().length === 0,
    });
    for (const part of parts) await part.start?.();
    return { ...composition, taken };
  }

  try {
    const access = stack.use(await openAccess(settings, isBehind ? 'gateway' : 'clients', { systemClock, logger }));
    const host = await startHttpHost({
      host: settings.host,
      port: settings.port,
      routes,
      upgrades,
      http2: () => grpc,
      isOpening: () => state !== 'serving',
      authenticator: access.authenticator,
      needs,
      logger,
      systemClock,
    });
    stack.defer(() => host.close(0));
    const { opened, stack: behind } = await openWhenServersAnswer(
      (attempt) => {
        parts.length = 0;
        routes.length = ownRoutes;
        upgrades.length = 0;
        grpc = null;
        return open({ settings, access, stores, logger, metrics, stack: attempt, onError });
      },
      {
        systemClock,
        logger,
        signal,
        onWaiting: (reason) => {
          if (reason !== null) state = { waitsFor: `it waits: ${reason}` };
        },
      },
    );
    stack.use(behind);
    state = 'serving';
    const { watcher, taken, filled } = opened;
    if (watcher !== null) {
      const takeUp = takeUpRevisions(parts, onError);
      stack.defer(watcher.onChange(() => void takeUp()));
      if (watcher.current() !== taken) void takeUp();
    }
    // The first of what is closed.
    stack.defer(async () => {
      state = 'stopping';
      host.drain();
      grpc?.refresh();
      await systemClock.sleep(settings.drainMillis);
      await host.close((settings.graceMillis - settings.drainMillis) * (1 - backgroundShare));
    });
    return { url: host.url, filled, [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose]() };
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
}

function home(role: Role, links: NonNullable<Part['links']>): Route {
  return homeRoute(role === 'all' ? 'Asof' : `Asof, ${role}`, [
    ...links,
    { path: '/readyz', what: 'whether it is ready, and what is amiss' },
    { path: '/metrics', what: 'for Prometheus' },
  ]);
}

/** Has one part after the other take up the newest revision; what fails for one does not keep the others from it. */
function takeUpRevisions(parts: readonly Part[], onError: (error: unknown) => void): () => Promise<void> {
  return async () => {
    for (const part of parts) await part.registryChanged?.().catch(onError);
  };
}
