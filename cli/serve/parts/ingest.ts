import type { OnlineWriter } from '../../../core/online/writer.ts';
import type { Bell } from '../../../pipelines/bell.ts';
import { createIngest, type Ingest } from '../../../pipelines/ingest/ingest.ts';
import { topicRoutes } from '../../../pipelines/ingest/routes.ts';
import { countBatch, watchPartitions } from '../measure.ts';
import type { Part, Registered } from './part.ts';

export interface IngestPart extends Part {
  readonly ingest: Ingest;
}

/** Event log → both stores. */
export async function openIngest(
  { settings, stores, documents, registry, metrics, stack, onError }: Registered,
  /** `committed` rings after each commit, for a materializer in this process. */
  { writer, committed }: { readonly writer: OnlineWriter; readonly committed: Bell },
): Promise<IngestPart> {
  const { clock, systemClock } = stores;
  const codecs = await stores.codecs();
  const ingest = stack.use(
    createIngest({
      registry,
      log: await stores.log(),
      ...(codecs !== null && { codecs }),
      writer,
      offline: await stores.offline(),
      bus: await stores.bus(),
      deadLetters: await stores.deadLetters(),
      clock,
      systemClock,
      adoptions: documents.adoptions,
      onError,
      onBatch: (batch) => countBatch(metrics, batch),
      onCommitted: committed.ring,
      limits: { flushMillis: settings.flushMillis },
    }),
  );
  watchPartitions(metrics, ingest, () => topicRoutes(registry()).keys());
  return {
    ingest,
    start: () => ingest.start(),
    registryChanged: () => ingest.registryChanged(),
    notes: () => ingest.troubles(),
  };
}
