import type { EventLog } from '../../core/ports/event-log.ts';
import type { Instant } from '../../core/values/types.ts';
import type { Ingest } from '../ingest/ingest.ts';

/** What of one topic is not applied yet. */
export interface TopicLag {
  /** Age by arrival of the oldest unapplied record; 0 when nothing waits: an idle topic is not stale. */
  readonly ageMillis: number;
  /** Unapplied records. */
  readonly backlog: number;
}

/**
 * Compares the log's ends with what was applied, for partitions that are this process's; the age is that of the first
 * unapplied record itself.
 */
export async function topicLag(
  log: Pick<EventLog, 'endOffsets' | 'read'>,
  topic: string,
  ingest: Pick<Ingest, 'nextOffsets' | 'owns'>,
  now: Instant,
): Promise<TopicLag> {
  const nextOffsets = ingest.nextOffsets(topic);
  let ageMillis = 0;
  let backlog = 0;
  for (const [partition, end] of await log.endOffsets(topic)) {
    const next = nextOffsets.get(partition) ?? 0;
    if (next >= end || !ingest.owns(topic, partition)) continue;
    backlog += end - next;
    const [first] = await log.read(topic, partition, next, 1);
    if (first !== undefined) ageMillis = Math.max(ageMillis, now - first.arrival);
  }
  return { ageMillis, backlog };
}
