import { createHash } from 'node:crypto';
import { createManualClock } from '../../adapters/clock/manual-clock.ts';
import { createSystemClock } from '../../adapters/clock/system-clock.ts';
import { createLmdbOnlineStore } from '../../adapters/lmdb/online-store.ts';
import { createMemoryLiveBus } from '../../adapters/memory/live-bus.ts';
import { openRedisOnlineStore } from '../../adapters/redis/open.ts';
import { createReadCache } from '../../core/online/read-cache.ts';
import { createOnlineReader } from '../../core/online/reader.ts';
import { compileDefinitions } from '../../core/registry/compile.ts';
import { createGateway } from '../../gateway/gateway.ts';
import { createRemoteSubgraph } from '../../gateway/remote-subgraph.ts';
import { localParts, type SubgraphPart } from '../../gateway/subgraph.ts';
import { localAuthenticator } from '../../runtime/access/authenticator.ts';
import { createAdmission } from '../../runtime/admission.ts';
import type { GraphSource } from '../../runtime/graph.ts';
import { fixedGraph } from '../../runtime/graph.ts';
import { createGraphqlDoor } from '../../runtime/graphql-door.ts';
import { createPublicErrors } from '../../runtime/graphql-errors.ts';
import { createGrpcHost } from '../../runtime/grpc/grpc-host.ts';
import { createGrpcFailures } from '../../runtime/grpc/grpc-status.ts';
import { startHttpHost } from '../../runtime/http-host.ts';
import { defaultLimits, subgraphLimits } from '../../runtime/limits.ts';
import { createLogger } from '../../runtime/logging.ts';
import { createMetrics } from '../../runtime/metrics.ts';
import { createSchemaGraph } from '../../runtime/schema-graph.ts';
import { sdlRoute } from '../../runtime/sdl-route.ts';
import { createTrustedDocuments } from '../../runtime/trusted-documents.ts';
import { defaultOnlineLimits } from '../../subgraphs/online/deps.ts';
import { feastGrpcRoutes } from '../../subgraphs/online/feast/feast-grpc.ts';
import { feastHttpRoutes } from '../../subgraphs/online/feast/feast-http.ts';
import { featureStoreRoutes } from '../../subgraphs/online/grpc/feature-store.ts';
import { createOnlineSubgraph } from '../../subgraphs/online/subgraph.ts';
import { createFixedCatalog } from '../data/catalog.ts';
import { fillFeastRows } from '../data/feast-rows.ts';
import { dated, fillProfiles, keepAnnouncing, keepUpdating } from '../data/profiles.ts';
import { feastDefinitions } from '../feast-definitions.ts';
import { servingDefinitions } from '../serving-definitions.ts';
import { readRequest } from './measured.ts';

/**
 * `/graphql` as `asof serve` puts it together: the gateway with the online and the registry's subgraph in its process, or one of
 * the three.
 */
export interface ServeGraphRequest {
  readonly role: 'all' | 'online' | 'registry' | 'gateway';
  /** null = the embedded store, in `folder`; for those who read no features, nothing. */
  readonly redisPort: number | null;
  readonly folder?: string;
  /** Of the embedded store, for values that were read; absent = as it has it by itself. */
  readonly memoryBytes?: number;
  /** Views beside the one that is read. */
  readonly others?: number;
  readonly features: number;
  /** So many rows of Feast's benchmark are served instead, also to clients of Feast. */
  readonly feastRows?: number;
  /** What clients name by an id instead of sending it. */
  readonly documents: readonly string[];
  /** Memory for states that were read; 0 = none are kept. */
  readonly cacheBytes?: number;
  /** So many customers are written anew, one after the other, every 10 ms, as ingest would; each time it is read back. */
  readonly updated?: number;
  /** One customer whose first feature is the time, in milliseconds since 1970, written anew so often. */
  readonly announced?: { readonly customer: number; readonly everyMillis: number };
  /** Of the online subgraph, for the gateway alone. */
  readonly onlineUrl?: string;
  /** Of the registry's; absent = it is in the gateway's process. */
  readonly registryUrl?: string;
}

const {
  role,
  redisPort,
  folder,
  memoryBytes,
  others,
  features,
  feastRows,
  documents,
  onlineUrl,
  registryUrl,
  cacheBytes = 0,
  updated = 0,
  announced,
} = readRequest<ServeGraphRequest>();
const systemClock = createSystemClock();
const clock = createManualClock({ at: dated });
const logger = createLogger({ name: 'bench', level: 'warn' });
const metrics = createMetrics();
const definitions = feastRows === undefined ? servingDefinitions(features, others) : feastDefinitions();
const registry = compileDefinitions(definitions);

async function openOnline() {
  const store =
    redisPort === null
      ? createLmdbOnlineStore({ folder: folder!, ...(memoryBytes === undefined ? {} : { memoryBytes }) })
      : await openRedisOnlineStore({ url: `redis://127.0.0.1:${redisPort}`, clock: systemClock });
  if (feastRows === undefined) await fillProfiles(store, registry);
  else await fillFeastRows(store, registry, feastRows);
  const bus = createMemoryLiveBus();
  const cached = {
    store,
    bus,
    registry: () => registry,
    systemClock,
    limits: { bytes: cacheBytes, millis: 60_000, views: null, isForHotKeys: false },
  };
  const from = cacheBytes === 0 ? store : (await createReadCache(cached)).store;
  const reader = createOnlineReader({ store: from, clock });
  if (updated > 0) keepUpdating({ store, bus, reader, registry, customers: updated });
  if (announced !== undefined) keepAnnouncing({ store, bus, registry, ...announced });
  const subgraph = createOnlineSubgraph({
    reader,
    clock,
    systemClock,
    log: { append: async () => [] },
    bus,
    freshness: { report: () => null },
    deadLetters: { put: async () => {}, list: async () => [], counts: async () => new Map() },
    incident: async () => null,
  });
  return { reader, subgraph };
}

async function openGateway(parts: readonly SubgraphPart[]): Promise<GraphSource> {
  const gateway = createGateway({ metrics, logger });
  await gateway.update(parts);
  return gateway;
}

async function openRemote(name: string, url: string): Promise<SubgraphPart> {
  const remote = createRemoteSubgraph({ name, urls: [url], token: () => null, queryMillis: 3_000 }, systemClock);
  const sdl = await remote.readSdl(null, new AbortController().signal);
  return { name, url, typeDefs: sdl!.typeDefs, execute: remote.execute, direct: remote.direct };
}

const online = role === 'all' || role === 'online' ? await openOnline() : null;
const catalog = role === 'online' || registryUrl !== undefined ? null : createFixedCatalog(definitions);
const alone =
  role === 'online' ? online!.subgraph.schemaFor(registry) : role === 'registry' ? catalog!.schemaFor() : null;
const source =
  alone === null
    ? await openGateway([
        catalog === null ? await openRemote('registry', registryUrl!) : localParts([catalog], registry)[0]!,
        online === null ? await openRemote('online', onlineUrl!) : localParts([online.subgraph], registry)[0]!,
      ])
    : fixedGraph(createSchemaGraph(alone));
const manifest = new Map(documents.map((text) => [createHash('sha256').update(text).digest('hex'), text]));
const door = createGraphqlDoor({
  source,
  trusted: createTrustedDocuments(() => manifest, { takesOthers: true }),
  metrics,
  logger,
  systemClock,
  defaultQuery: null,
  ...(alone === null ? {} : { limits: subgraphLimits }),
});
const admission = createAdmission({ most: defaultLimits.requestsAtOnce, metrics, systemClock });
const { bodyBytes } = defaultLimits;
const readers =
  online === null
    ? null
    : { registry: () => registry, reader: online.reader, systemClock, limits: defaultOnlineLimits };
const grpc =
  readers === null
    ? null
    : createGrpcHost({
        routes: [...featureStoreRoutes(readers), ...feastGrpcRoutes(readers)],
        authenticator: localAuthenticator,
        needs: 'reader',
        admission,
        metrics,
        failures: createGrpcFailures(createPublicErrors(logger)),
        bodyBytes,
        isServing: () => true,
      });
const push = () => Promise.reject(new Error('nothing is pushed here'));
const feast = readers === null ? [] : feastHttpRoutes({ ...readers, push, admission, bodyBytes });
const host = await startHttpHost({
  host: '127.0.0.1',
  port: 0,
  routes: [...door.routes, ...feast, ...(alone === null ? [] : [sdlRoute(() => alone.typeDefs)])],
  upgrades: door.upgrades,
  http2: () => grpc,
  authenticator: null,
  logger,
  systemClock,
});
console.log(JSON.stringify({ port: host.port }));

// A line on stdin: what comes now is measured. Its end: tell what it took, and go.
let cpuBefore: NodeJS.CpuUsage | null = null;
process.stdin.on('data', () => {
  globalThis.gc?.();
  cpuBefore = process.cpuUsage();
});
process.stdin.on('end', () => {
  const { user, system } = process.cpuUsage(cpuBefore ?? undefined);
  const peakRssBytes = process.resourceUsage().maxRSS * 1024;
  console.log(JSON.stringify({ cpuSeconds: (user + system) / 1e6, peakRssBytes }));
  process.stdout.write('', () => process.exit());
});
