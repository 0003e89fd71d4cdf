import { join } from 'node:path';
import type { CompiledView } from '../../../core/definitions/compiled.ts';
import type { OnlineReader } from '../../../core/online/reader.ts';
import type { OnlineWriter } from '../../../core/online/writer.ts';
import type { MaterializationJob } from '../../../core/ports/materializer.ts';
import type { Bell } from '../../../pipelines/bell.ts';
import { ingestGroup } from '../../../pipelines/ingest/ingest.ts';
import { onlineVersions } from '../../../pipelines/ingest/routes.ts';
import { createLedMaterializer } from '../../../pipelines/materialize/leading.ts';
import { createOfflineSubgraph, type OfflineSubgraph } from '../../../subgraphs/offline/subgraph.ts';
import type { OnJob, Part, Registered } from './part.ts';

export interface OfflinePart extends Part {
  readonly subgraph: OfflineSubgraph;
  /** Whether the view version has its history, as far as this process knows. */
  isReady(view: CompiledView): boolean;
  /** One sentence for each view without its history. */
  unfilled(): readonly string[];
  /** Resolves when every view has its history, with the jobs that it took; begins with `start`. */
  readonly filled: Promise<readonly MaterializationJob[]>;
}

export interface OfflinePartDeps {
  readonly reader: OnlineReader;
  readonly writer: OnlineWriter;
  /** Rings when an ingest of this process has committed. */
  readonly committed: Bell;
  readonly onJob: OnJob;
}

/** What features were, and the filling of both stores from history. */
export async function openOffline(
  { settings, stores, documents, registry, logger, stack, onError }: Registered,
  { reader, writer, committed, onJob }: OfflinePartDeps,
): Promise<OfflinePart> {
  const { clock, systemClock } = stores;
  const codecs = await stores.codecs();
  const [offline, bus, online] = [await stores.offline(), await stores.bus(), await stores.online()];
  const materializer = stack.use(
    createLedMaterializer({
      registry,
      documents,
      deadLetters: await stores.deadLetters(),
      systemClock,
      online,
      offline,
      writer,
      log: await stores.log(),
      ...(codecs !== null && { codecs }),
      group: ingestGroup,
      committed,
      baseFolder: settings.batchDir,
      now: () => new Date(systemClock.nowMillis()).toISOString(),
      onJob,
      onLost(lost) {
        const isAuto = settings.refill === 'auto';
        const whatFollows = isAuto ? 'they are filled again' : 'fill them again with `asof rebuild`';
        logger.warn({ views: lost.map(({ name }) => name) }, `the online store lost values; ${whatFollows}`);
        return isAuto;
      },
      onError,
    }),
  );
  const subgraph = stack.use(
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

  return {
    subgraph,
    routes: subgraph.routes,
    isReady: materializer.isReady,
    filled: materializer.filled,
    unfilled: () =>
      onlineVersions(registry())
        .filter((view) => !materializer.isReady(view))
        .map(({ name, version }) => `view ${name} version ${version} does not have its history yet`),
    async start() {
      await subgraph.start();
      materializer.start();
    },
    async registryChanged() {
      materializer.registryChanged();
    },
  };
}
