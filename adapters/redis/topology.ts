import type { Cluster } from 'ioredis';
import type { SystemClock } from '../../core/ports/clocks.ts';

/** How often the nodes of a cluster are asked who holds what, beside each time that one says it is another. */
const topologyMillis = 1_000;

/** ioredis's own `slotsRefreshInterval` never ends where a cluster is closed while it is being asked. */
export async function followTopology(cluster: Cluster, clock: SystemClock, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(topologyMillis, signal).catch(() => {});
    if (!signal.aborted && cluster.status === 'ready') cluster.refreshSlotsCache();
  }
}
