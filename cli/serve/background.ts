import type { OnlineReader } from '../../core/online/reader.ts';
import { createSlicedWriter } from '../../core/online/sliced-writer.ts';
import { createOnlineWriter, type OnlineWriter } from '../../core/online/writer.ts';
import type { FreshnessMonitor } from '../../core/ports/freshness.ts';
import { createBell } from '../../pipelines/bell.ts';
import { progressOf } from '../../pipelines/ingest/progress.ts';
import type { FreshnessMonitorDeps } from '../../pipelines/monitor/freshness-monitor.ts';
import { openIngest } from './parts/ingest.ts';
import { openMonitor } from './parts/monitor.ts';
import { type OfflinePart, openOffline } from './parts/offline.ts';
import type { OnJob, Part, Registered } from './parts/part.ts';
import type { Stores } from './stores.ts';

/** What keeps both stores full and watches over it. */
export interface Background {
  readonly parts: readonly Part[];
  readonly offline: OfflinePart;
  readonly freshness: FreshnessMonitor;
}

export interface BackgroundDeps {
  readonly reader: OnlineReader;
  readonly writer: OnlineWriter;
  readonly onJob: OnJob;
  /** Told of the reports of each check. */
  readonly onChecked?: FreshnessMonitorDeps['onChecked'];
}

/** Ingest, the filling of views and the monitor, in one process that is asked for everything. */
export async function openBackground(
  registered: Registered,
  { reader, writer, onJob, onChecked }: BackgroundDeps,
): Promise<Background> {
  const committed = createBell();
  const ingest = await openIngest(registered, { writer, committed });
  const offline = await openOffline(registered, { reader, writer, committed, onJob });
  const monitor = await openMonitor(registered, {
    progress: progressOf(ingest.ingest),
    isLive: offline.isReady,
    ...(onChecked && { onChecked }),
  });
  // Whoever asks for everything relies on it when every view has its history.
  const filling: Part = { unready: offline.unfilled };
  return { parts: [ingest, monitor, offline, filling], offline, freshness: monitor.monitor };
}

export async function openWriter({ online, clock, systemClock }: Stores): Promise<OnlineWriter> {
  return createSlicedWriter(createOnlineWriter({ store: await online(), clock }), systemClock);
}
