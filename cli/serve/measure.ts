import type { UserFunctionsDeps } from '../../adapters/quickjs/user-functions.ts';
import type { RedisEvents } from '../../adapters/redis/asker.ts';
import type { LiveBusEvents } from '../../adapters/redis/live-bus.ts';
import { expressionAnomalies, noAnomalies } from '../../core/expressions/anomalies.ts';
import type { ReadCache } from '../../core/online/read-cache.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import { expressionsOf } from '../../core/registry/placed-expressions.ts';
import type { BatchReport } from '../../pipelines/ingest/deps.ts';
import type { Ingest } from '../../pipelines/ingest/ingest.ts';
import type { RunningFreshnessMonitor } from '../../pipelines/monitor/freshness-monitor.ts';
import type { Logger } from '../../runtime/logging.ts';
import type { Metrics } from '../../runtime/metrics.ts';
import type { RegistryState, RegistryWatcher } from '../../runtime/registry-watcher.ts';

/** Counts one ingested batch. */
export function countBatch(metrics: Metrics, batch: BatchReport): void {
  const source = batch.topic;
  const dropped = { rejected: batch.rejected, late: batch.late, future: batch.future, duplicate: batch.duplicates };
  for (const [outcome, records] of Object.entries(dropped)) metrics.ingestRecords.inc({ source, outcome }, records);
  metrics.ingestRecords.inc({ source, outcome: 'read' }, batch.records);
  metrics.ingestBatchSeconds.observe({ source }, batch.applyMillis / 1_000);
}

/** Counts calls of users' functions that gave NULL, and logs the first of each function and reason. */
export function countFailedCall(metrics: Metrics, logger: Logger): UserFunctionsDeps['onFailure'] {
  const logged = new Set<string>();
  return ({ name, version }, reason, message) => {
    metrics.functionFailures.inc({ function: name, version: String(version), reason });
    const id = `${name} ${version} ${reason}`;
    if (logged.has(id)) return;
    logged.add(id);
    logger.warn({ function: name, version, reason, detail: message }, 'a call of a user function gave NULL');
  };
}

/** Counts what Redis does not answer, and logs when a server is left alone and when it is asked again. */
export function watchRedis({ metrics, logger }: { readonly metrics: Metrics; readonly logger: Logger }): RedisEvents {
  return {
    onUnanswered: (server, reason, commands) => metrics.onlineUnanswered.inc({ server, reason }, commands),
    onBreaker(server, isOpen) {
      // Reads and writes of one server fail apart.
      if (isOpen) metrics.onlineBreakerOpen.inc({ server });
      else metrics.onlineBreakerOpen.dec({ server });
      if (isOpen) logger.warn({ server }, 'Redis does not answer; its keys are UNAVAILABLE until it does');
      else logger.info({ server }, 'Redis answers again');
    },
  };
}

/** Logs when the stream of live messages is away, and when it is back; notes say so meanwhile. */
export function watchLiveBus(
  { logger }: { readonly logger: Logger },
  systemClock: Pick<SystemClock, 'nowMillis'>,
): { readonly events: LiveBusEvents; notes(): string[] } {
  const away = new Map<string, { readonly sinceMillis: number; readonly lost: unknown }>();
  const events: LiveBusEvents = {
    onContact(what, lost) {
      if (lost === null) away.delete(what);
      else away.set(what, { sinceMillis: systemClock.nowMillis(), lost });
      if (lost === null) logger.info({ what }, 'the stream of live messages in Redis is back');
      else logger.warn({ what, err: lost }, 'the stream of live messages in Redis is away; subscribers hear later');
    },
    onUnreadable: (id) => logger.warn({ id }, 'a live message is not readable; subscribers are told of a gap'),
    onListenerError: (error) => logger.error({ err: error }, 'a subscriber failed at a live message'),
  };
  return {
    events,
    notes: () =>
      [...away].map(([what, { sinceMillis, lost }]) => {
        const since = new Date(sinceMillis).toISOString();
        const reason = lost instanceof Error ? lost.message : String(lost);
        return `${what} the stream of live messages fails since ${since}, subscribers hear later: ${reason}`;
      }),
  };
}

/** Has the offsets of the partitions that are this process's told whenever Prometheus scrapes. */
export function watchPartitions(
  metrics: Metrics,
  ingest: Pick<Ingest, 'nextOffsets' | 'assigned'>,
  topics: () => Iterable<string>,
): void {
  metrics.onExpose(() => {
    metrics.ingestNextOffset.reset();
    for (const topic of topics()) {
      const next = ingest.nextOffsets(topic);
      for (const partition of ingest.assigned(topic)) {
        metrics.ingestNextOffset.set({ topic, partition: String(partition) }, next.get(partition) ?? 0);
      }
    }
  });
}

/** Has the freshness gauges read the monitor's newest reports whenever Prometheus scrapes. */
export function watchFreshness(metrics: Metrics, monitor: Pick<RunningFreshnessMonitor, 'reports'>): void {
  metrics.onExpose(() => {
    for (const { view, ageMillis, backlog } of monitor.reports.values()) {
      metrics.freshnessAgeSeconds.set({ view }, ageMillis / 1_000);
      metrics.ingestBacklog.set({ view }, backlog);
    }
  });
}

/**
 * Has what expressions counted by themselves told whenever Prometheus scrapes, and before a new revision takes their
 * place: evaluating them costs no more than without. Returns the stop.
 */
export function watchExpressions(metrics: Metrics, watcher: Pick<RegistryWatcher, 'current' | 'onChange'>): () => void {
  const watch = ({ compiled }: RegistryState) =>
    expressionsOf(compiled).map((placed) => ({ ...placed, told: noAnomalies() }));
  let watched = watch(watcher.current());
  const tell = (): void => {
    for (const { view, version, feature, role, expression, told } of watched) {
      for (const reason of expressionAnomalies) {
        const more = expression.anomalies[reason] - told[reason];
        if (more === 0) continue;
        const labels = { view, version: String(version), feature, role: role ?? 'value', reason };
        metrics.expressionAnomalies.inc(labels, more);
        told[reason] += more;
      }
    }
  };
  metrics.onExpose(tell);
  return watcher.onChange((state) => {
    tell();
    watched = watch(state);
  });
}

/** Counts what is answered from memory, told when somebody asks. */
export function watchReadCache({ onlineCacheKeys, onExpose }: Metrics, cache: Pick<ReadCache, 'counts'>): void {
  let told = { asked: 0, hits: 0 };
  onExpose(() => {
    const { asked, hits } = cache.counts();
    onlineCacheKeys.inc({ outcome: 'hit' }, hits - told.hits);
    onlineCacheKeys.inc({ outcome: 'miss' }, asked - hits - (told.asked - told.hits));
    told = { asked, hits };
  });
}
