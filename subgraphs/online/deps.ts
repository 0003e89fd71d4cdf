import type { OnlineReader } from '../../core/online/reader.ts';
import type { DataClock, SystemClock } from '../../core/ports/clocks.ts';
import type { DeadLetters } from '../../core/ports/dead-letters.ts';
import type { EventLog } from '../../core/ports/event-log.ts';
import type { FreshnessIncident, FreshnessMonitor } from '../../core/ports/freshness.ts';
import type { LiveBus } from '../../core/ports/live-bus.ts';

/** What one request may ask for; more is refused with LIMIT_EXCEEDED. */
export interface OnlineLimits {
  readonly vectorRows: number;
  readonly listedKeys: number;
  /** Keys of list fields times the fields selected below each. */
  readonly listedValues: number;
  /** How long one request may compute request-time features: a user's function can be slow. */
  readonly computedMillis: number;
  readonly pushedEvents: number;
  readonly eventBytes: number;
  readonly watchedKeys: number;
  /**
   * Events that wait for a slow subscriber before the oldest is dropped, and said to be. As many as the bus replays, or
   * a subscriber that resumes would lose some at once.
   */
  readonly queuedEvents: number;
  readonly listedLetters: number;
}

export const defaultOnlineLimits: OnlineLimits = {
  vectorRows: 10_000,
  listedKeys: 10_000,
  listedValues: 500_000,
  computedMillis: 250,
  pushedEvents: 10_000,
  eventBytes: 256 * 1024,
  watchedKeys: 1_000,
  queuedEvents: 10_000,
  listedLetters: 1_000,
};

export interface OnlineSubgraphDeps {
  readonly reader: OnlineReader;
  /** What subscribers read when they are told of an update; absent = the same. */
  readonly liveReader?: OnlineReader;
  readonly clock: DataClock;
  readonly systemClock: SystemClock;
  readonly log: Pick<EventLog, 'append'>;
  readonly bus: LiveBus;
  readonly freshness: FreshnessMonitor;
  readonly deadLetters: Pick<DeadLetters, 'put' | 'list' | 'counts'>;
  /** Told how many pushed events were refused. */
  readonly onRefused?: (topic: string, events: number) => void;
  /** An incident as it stands now; null for an unknown id. */
  readonly incident: (id: string) => Promise<FreshnessIncident | null>;
  readonly limits?: Partial<OnlineLimits>;
  /** Told of failures that no request waits for, such as a store that is away while subscribers listen. */
  readonly onBackgroundError?: (error: unknown) => void;
}
