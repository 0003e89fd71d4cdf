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
import { type Composition, type CompositionOptions, compose } from './compose.ts';
import { openGrpc } from './grpc.ts';
import type { Part, ProcessStores, Shared } from './parts/part.ts';
import { isBehindGateway, type Role } from './roles.ts';
import type { Settings } from './settings.ts';
import type { Stores } from './stores.ts';
import { takeUpRevisions } from './take-up.ts';

interface ProcessOptions<S extends ProcessStores> {
  readonly role: Role;
  readonly settings: Settings;
  readonly stores: S;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export type AsofOptions = ProcessOptions<Stores> & CompositionOptions;

/** A process with a door of its own, for what its parts serve. */
export interface DoorOptions<S extends ProcessStores> extends ProcessOptions<S> {
  /** Opens its parts; again and again while a server that they need does not answer. */
  readonly compose: (shared: Shared<S>) => Promise<Composition>;
  /** Of a worker: what it has in common with the others. */
  readonly among?: AmongWorkers;
}

/** One of several processes that answer for each other at one port. */
export interface AmongWorkers {
  readonly worker: number;
  /** Whether others answer meanwhile: it takes no connection before it can. */
  readonly listensLast: boolean;
  /** Told when it listens though it cannot answer yet. */
  onListening(): Promise<void>;
  /** What the others have to say of themselves. */
  readiness(): Readiness;
  readonly metrics: Pick<Metrics, 'expose'>;
}

export interface Readiness {
  /** Why requests cannot be answered yet, one sentence each; empty = ready. */
  readonly reasons: readonly string[];
  /** What is amiss while they are answered all the same, one sentence each. */
  readonly notes: readonly string[];
}

/** A process that runs. */
export interface Asof extends AsyncDisposable {
  readonly url: string;
  /** Resolves when every view has its history, with the jobs that it took; at once where other processes fill them. */
  readonly filled: Promise<readonly MaterializationJob[]>;
}

/** One process of Asof: all of it, or one part. */
export function startAsof(options: AsofOptions, signal: AbortSignal): Promise<Asof> {
  return startDoor({ ...options, compose: (shared) => compose(options.role, shared, options) }, signal);
}

/** Of the grace that a process has to stop, what is left for work in the background when requests have ended. */
const backgroundShare = 0.2;
/** Between two looks whether a process that listens last can answer. */
const lookMillis = 100;

/**
 * Opens the door, then waits for the servers that it needs and does its work beside; `/readyz` tells when it can be relied
 * upon. Closing it drains: not ready at once, for a moment as before, then nothing new, and what runs is finished.
 *
 * @param signal ends the waiting for servers
 */
export async function startDoor<S extends ProcessStores>(options: DoorOptions<S>, signal: AbortSignal): Promise<Asof> {
  const { role, settings, stores, logger, metrics, among } = options;
  const { systemClock } = stores;
  const onError = (error: unknown): void => logger.error({ err: error }, 'work in the background failed');
  const stack = createClosingStack();
  /** Why it is not ready, beside what its parts say. */
  let state: 'serving' | 'stopping' | { readonly waitsFor: string } = { waitsFor: 'it is starting' };
  const parts: Part[] = [];
  const ownUnready = (): string[] => {
    if (state === 'stopping') return ['the process is stopping'];
    return state === 'serving' ? parts.flatMap((part) => part.unready?.() ?? []) : [state.waitsFor];
  };
  const unready = (): string[] => [...ownUnready(), ...(among?.readiness().reasons ?? [])];
  const routes: Route[] = operationalRoutes({
    metrics: among?.metrics ?? metrics,
    identity: { role, pid: process.pid, ...(among && { worker: among.worker }) },
    unready,
    notes: () => [
      ...parts.flatMap((part) => part.notes?.() ?? []),
      ...stores.notes(),
      ...(among?.readiness().notes ?? []),
    ],
  });
  const ownRoutes = routes.length;
  const upgrades: UpgradeRoute[] = [];
  let grpc: GrpcHost | null = null;
  const isBehind = isBehindGateway(role);
  const needs = isBehind ? 'gateway' : 'reader';

  /** Everything behind the door. */
  async function open(shared: Shared<S>) {
    const composition = await options.compose(shared);
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
    const listen = async () => {
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
      return host;
    };
    const early = among?.listensLast === true ? null : await listen();
    if (early !== null) await among?.onListening();
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
    if (watcher !== null) stack.defer(takeUpRevisions(parts, watcher, { taken, onError }));
    if (early === null) while (ownUnready().length > 0) await systemClock.sleep(lookMillis, signal);
    const host = early ?? (await listen());
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
