import type { EventLog } from '../../core/ports/event-log.ts';
import type { AppliedTimes, IngestProgress } from '../../core/ports/ingest-progress.ts';
import type { Instant } from '../../core/values/types.ts';

/** What of one topic is not applied yet. */
export interface TopicLag {
  /** Age by arrival of the oldest unapplied record; 0 when nothing waits: an idle topic is not stale. */
  readonly ageMillis: number;
  /** Unapplied records. */
  readonly backlog: number;
  /** By source, the worst of all partitions. */
  readonly times: ReadonlyMap<string, AppliedTimes>;
}

export const noLag: TopicLag = { ageMillis: 0, backlog: 0, times: new Map() };

/**
 * Compares the log's ends with what was applied, for partitions that are this process's to watch; the age is that of the
 * first unapplied record itself.
 */
export async function topicLag(
  log: Pick<EventLog, 'endOffsets' | 'read'>,
  topic: string,
  progress: IngestProgress,
  now: Instant,
): Promise<TopicLag> {
  const ends = await log.endOffsets(topic);
  const times = new Map<string, AppliedTimes>();
  let ageMillis = 0;
  let backlog = 0;
  for (const [partition, applied] of await progress.of(topic, [...ends.keys()])) {
    for (const [source, one] of Object.entries(applied.times)) times.set(source, worse(one, times.get(source)));
    const waiting = (ends.get(partition) ?? 0) - applied.next;
    if (waiting <= 0) continue;
    backlog += waiting;
    const [first] = await log.read(topic, partition, applied.next, 1);
    if (first !== undefined) ageMillis = Math.max(ageMillis, now - first.arrival);
  }
  return { ageMillis, backlog, times };
}

function worse(one: AppliedTimes, other: AppliedTimes | undefined): AppliedTimes {
  if (other === undefined) return one;
  return {
    eventTimeLagMillis: greater(one.eventTimeLagMillis, other.eventTimeLagMillis),
    pipelineLatencyMillis: greater(one.pipelineLatencyMillis, other.pipelineLatencyMillis),
  };
}

function greater(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}
