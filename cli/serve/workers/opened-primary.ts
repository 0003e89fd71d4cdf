import { randomBytes } from 'node:crypto';
import type { FollowReports } from '../../../adapters/cluster/freshness.ts';
import { createAnnouncingWriter } from '../../../core/online/announcing-writer.ts';
import { createOnlineReader } from '../../../core/online/reader.ts';
import type { FreshnessReport } from '../../../core/ports/freshness.ts';
import type { Instant } from '../../../core/values/types.ts';
import { createTokenAuthenticator } from '../../../runtime/access/authenticator.ts';
import { digestOf } from '../../../runtime/access/token-file.ts';
import { startHttpHost } from '../../../runtime/http-host.ts';
import { createMetrics } from '../../../runtime/metrics.ts';
import { openBackground, openWriter } from '../background.ts';
import type { Composition, CompositionOptions } from '../compose.ts';
import type { BackDoors } from '../parts/gateway.ts';
import type { FollowedRegistry, Part, Registered, Shared } from '../parts/part.ts';
import { openRegistrySubgraph } from '../parts/registry.ts';
import { serveSubgraph } from '../parts/served-subgraph.ts';
import { openRegistered } from '../registered.ts';
import type { Role } from '../roles.ts';

/** What a primary has for its workers. */
export interface OpenedPrimary extends Composition {
  /** null = these workers need none. */
  readonly doors: BackDoors | null;
  readonly registry: FollowedRegistry | null;
  readonly reports: FollowReports | null;
  /** What no read of an earlier worker was later than. */
  now(): Instant;
}

/** Everything that one process of them all does: all but what is asked, the registry's watcher, or nothing. */
export async function openPrimary(
  role: Role,
  shared: Shared,
  options: Pick<CompositionOptions, 'definitions' | 'onJob'>,
): Promise<OpenedPrimary> {
  const nothing = { parts: [], watcher: null, filled: Promise.resolve([]), doors: null, registry: null, reports: null };
  if (role === 'gateway') return { ...nothing, now: () => 0 };
  const { registered, contact, followed: registry } = await openRegistered(shared, options.definitions);
  const { clock } = shared.stores;
  const common = { ...nothing, watcher: registered.watcher, registry, now: () => clock.now() };
  if (role !== 'all') return { ...common, parts: [contact] };
  const { parts, ...rest } = await openBehindFront(registered, options);
  return { ...common, ...rest, parts: [contact, ...parts] };
}

async function openBehindFront(registered: Registered, { onJob }: Pick<CompositionOptions, 'onJob'>) {
  const { stores, metrics } = registered;
  const { clock } = stores;
  const followers = new Set<(reports: readonly FreshnessReport[]) => void>();
  let newest: readonly FreshnessReport[] = [];
  const { parts, offline } = await openBackground(registered, {
    reader: createOnlineReader({ store: await stores.online(), clock }),
    writer: createAnnouncingWriter(await openWriter(stores), clock),
    onJob,
    async onChecked(reports) {
      newest = [...reports.values()];
      for (const tell of followers) tell(newest);
    },
  });
  // Workers count what they ask here.
  const uncounted = { ...registered, metrics: { ...createMetrics(), onExpose: metrics.onExpose } };
  const token = randomBytes(32).toString('base64url');
  const registry = serveSubgraph(uncounted, await openRegistrySubgraph(registered));
  const served = serveSubgraph(uncounted, offline.subgraph);
  const doors: BackDoors = {
    token,
    registry: await openBackDoor(registered, token, registry),
    offline: await openBackDoor(registered, token, { ...served, routes: [...served.routes!, ...offline.routes!] }),
  };
  const reports: FollowReports = (tell) => {
    tell(newest);
    followers.add(tell);
    return () => followers.delete(tell);
  };
  return { parts, doors, reports, filled: offline.filled };
}

/** For the workers only, which show the token; resolves with where it is. */
async function openBackDoor(
  { logger, stores, stack }: Registered,
  token: string,
  { routes = [], upgrades = [] }: Part,
): Promise<string> {
  const { systemClock } = stores;
  const authenticator = createTokenAuthenticator({ gateway: [digestOf(token)] });
  const host = '127.0.0.1';
  const door = await startHttpHost({
    host,
    port: 0,
    routes,
    upgrades,
    authenticator,
    needs: 'gateway',
    logger,
    systemClock,
  });
  // Workers have ended by then.
  stack.defer(() => door.close(0));
  return `http://${host}:${door.port}`;
}
