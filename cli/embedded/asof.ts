import { join } from 'node:path';
import type { CompiledView } from '../../core/definitions/compiled.ts';
import type { Definitions } from '../../core/definitions/model.ts';
import { createOnlineReader } from '../../core/online/reader.ts';
import { createSlicedWriter } from '../../core/online/sliced-writer.ts';
import { createOnlineWriter } from '../../core/online/writer.ts';
import type { FreshnessIncident } from '../../core/ports/freshness.ts';
import type { MaterializationJob } from '../../core/ports/materializer.ts';
import { createGateway } from '../../gateway/gateway.ts';
import { createIngest } from '../../pipelines/ingest/ingest.ts';
import { onlineVersions } from '../../pipelines/ingest/routes.ts';
import { watchMarkers } from '../../pipelines/materialize/marker-watch.ts';
import { createMaterializer } from '../../pipelines/materialize/materializer.ts';
import { createViewStates } from '../../pipelines/materialize/view-states.ts';
import { createFreshnessMonitor } from '../../pipelines/monitor/freshness-monitor.ts';
import { createClosingStack } from '../../runtime/closing-stack.ts';
import { createGraphqlDoor } from '../../runtime/graphql-door.ts';
import { startHttpHost } from '../../runtime/http-host.ts';
import type { Logger } from '../../runtime/logging.ts';
import type { Metrics } from '../../runtime/metrics.ts';
import { homeRoute, operationalRoutes } from '../../runtime/operational-routes.ts';
import { createRegistryWatcher } from '../../runtime/registry-watcher.ts';
import { createOfflineSubgraph } from '../../subgraphs/offline/subgraph.ts';
import { createOnlineSubgraph } from '../../subgraphs/online/subgraph.ts';
import { createApplyDefinitions } from '../../subgraphs/registry/apply.ts';
import { createRegistrySubgraph } from '../../subgraphs/registry/subgraph.ts';
import { userFunctionsOnDemand } from '../functions/open.ts';
import { countBatch, countFailedCall, watchExpressions, watchFreshness } from './measure.ts';
import type { Settings } from './settings.ts';
import type { Stores } from './stores.ts';

export interface AsofOptions {
  readonly settings: Settings;
  readonly stores: Stores;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Applied before the door opens; null = what the registry holds. */
  readonly definitions: Definitions | null;
  /** What GraphiQL shows first. */
  readonly defaultQuery: string;
  /** Told of every step of a backfill. */
  readonly onJob: (job: MaterializationJob) => void;
}

/** All of Asof in one process. */
export interface Asof extends AsyncDisposable {
  readonly url: string;
  /** Resolves when every view has its history, with the jobs that it took. */
  readonly filled: Promise<readonly MaterializationJob[]>;
}

const closeGraceMillis = 5_000;

/** Opens the door, then fills what is not whole while it answers; `/readyz` tells when that is done. */
export async function startAsof(options: AsofOptions): Promise<Asof> {
  const { settings, stores, logger, metrics } = options;
  const { systemClock, clock, registry: documents, online, offline, log, bus, deadLetters } = stores;
  const onError = (error: unknown): void => logger.error({ err: error }, 'work in the background failed');
  const now = (): string => new Date(systemClock.nowMillis()).toISOString();
  const stack = createClosingStack();
  try {
    const openFunctions = userFunctionsOnDemand({
      clock: systemClock,
      onFailure: countFailedCall(metrics, logger),
    });
    const watcher = stack.use(await createRegistryWatcher({ store: documents, openFunctions, onError }));
    const registry = () => watcher.current().compiled;
    const apply = createApplyDefinitions({ store: documents, systemClock, bus, openFunctions });
    if (options.definitions !== null) {
      await apply(options.definitions, { appliedBy: 'start' });
      await watcher.refresh();
    }

    stack.defer(watchExpressions(metrics, watcher));
    const readers = stores.codecs === null ? {} : { codecs: stores.codecs };
    const reader = createOnlineReader({ store: online, clock });
    const writer = createSlicedWriter(createOnlineWriter({ store: online, clock }), systemClock);
    const states = createViewStates({ documents, online, now });
    await states.load(onlineVersions(registry()));
    const ingest = stack.use(
      createIngest({
        registry,
        log,
        ...readers,
        writer,
        offline,
        bus,
        deadLetters,
        clock,
        systemClock,
        isLive: states.isReady,
        onError,
        onBatch: (batch) => countBatch(metrics, batch),
      }),
    );
    const materializer = stack.use(
      createMaterializer({
        registry,
        states,
        documents,
        deadLetters,
        systemClock,
        online,
        offline,
        writer,
        log,
        ...readers,
        live: ingest,
        baseFolder: settings.batchDir,
        onJob: options.onJob,
      }),
    );
    const freshness = stack.use(
      createFreshnessMonitor({
        registry,
        log,
        ingest,
        isLive: states.isReady,
        documents,
        bus,
        clock,
        systemClock,
        onError,
      }),
    );
    watchFreshness(metrics, freshness);

    const offlineSubgraph = stack.use(
      createOfflineSubgraph({
        registry,
        offline,
        reader,
        documents,
        materializer,
        bus,
        clock,
        systemClock,
        folder: join(settings.dataDir, 'datasets'),
      }),
    );
    const onlineSubgraph = createOnlineSubgraph({
      reader,
      clock,
      systemClock,
      log,
      bus,
      freshness,
      deadLetters,
      onRefused: (topic, events) => metrics.ingestRecords.inc({ source: topic, outcome: 'rejected' }, events),
      incident: async (id) => (await documents.getDocument('incidents', id)) as FreshnessIncident | null,
      onBackgroundError: onError,
    });
    const registrySubgraph = createRegistrySubgraph({ watcher, apply, bus });

    const gateway = stack.use(
      createGateway({ subgraphs: [registrySubgraph, onlineSubgraph, offlineSubgraph], metrics, logger }),
    );
    await gateway.update(registry());
    const door = stack.use(
      await createGraphqlDoor({ source: gateway, metrics, logger, systemClock, defaultQuery: options.defaultQuery }),
    );

    const unready = (): string[] =>
      onlineVersions(registry())
        .filter((view) => !states.isReady(view))
        .map(({ name, version }) => `view ${name} version ${version} does not have its history yet`);
    const host = await startHttpHost({
      host: settings.host,
      port: settings.port,
      routes: [
        ...door.routes,
        ...operationalRoutes({ metrics, unready }),
        ...offlineSubgraph.routes,
        homeRoute('Asof', [
          { path: '/graphql', what: 'the graph; in a browser GraphiQL' },
          { path: '/readyz', what: 'whether every view has its history' },
          { path: '/metrics', what: 'for Prometheus' },
        ]),
      ],
      upgrades: door.upgrades,
      authenticator: null,
      logger,
      systemClock,
    });
    stack.defer(() => host.close(closeGraceMillis));

    await ingest.start();
    await freshness.start();
    await offlineSubgraph.start();
    const fill = async (): Promise<readonly MaterializationJob[]> => {
      await states.load(onlineVersions(registry()));
      return await materializer.ensureReady(registry());
    };
    const takeUp = async (): Promise<void> => {
      await gateway.update(registry());
      await ingest.registryChanged();
      await fill();
    };
    stack.defer(watcher.onChange(() => void takeUp().catch(onError)));
    const refill = async (views: readonly CompiledView[]): Promise<boolean> => {
      const isAuto = settings.refill === 'auto';
      const whatFollows = isAuto ? 'they are filled again' : 'fill them again with `asof rebuild`';
      logger.warn({ views: views.map(({ name }) => name) }, `the online store lost values; ${whatFollows}`);
      if (!isAuto) return true;
      return (await fill()).every(({ state }) => state === 'SUCCEEDED');
    };
    const views = () => onlineVersions(registry());
    stack.use(watchMarkers({ views, states, systemClock, refill, onError }));
    return { url: host.url, filled: fill(), [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose]() };
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
}
