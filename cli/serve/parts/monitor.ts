import type { IngestProgress } from '../../../core/ports/ingest-progress.ts';
import {
  createFreshnessMonitor,
  type FreshnessMonitorDeps,
  type RunningFreshnessMonitor,
} from '../../../pipelines/monitor/freshness-monitor.ts';
import { watchFreshness } from '../measure.ts';
import type { Part, Registered } from './part.ts';

export interface MonitorPart extends Part {
  readonly monitor: RunningFreshnessMonitor;
}

export interface MonitorPartDeps extends Pick<FreshnessMonitorDeps, 'isLive' | 'onChecked'> {
  readonly progress: IngestProgress;
}

/** How far behind its source each view is. */
export async function openMonitor(
  { stores, documents, registry, metrics, stack, onError }: Registered,
  given: MonitorPartDeps,
): Promise<MonitorPart> {
  const { clock, systemClock } = stores;
  const monitor = stack.use(
    createFreshnessMonitor({
      ...given,
      registry,
      log: await stores.log(),
      documents,
      bus: await stores.bus(),
      clock,
      systemClock,
      onError,
    }),
  );
  watchFreshness(metrics, monitor);
  return { monitor, start: () => monitor.start() };
}
