import type { CompiledView, SourceRecord } from '../definitions/compiled.ts';
import type { JoinMode } from '../ports/offline-store.ts';
import type { Instant } from '../values/types.ts';
import type { EventOutcome } from './explanation.ts';

/** An event with the first rule that leaves it out of a window; null = it is in the window and counts. */
export interface JudgedEvent {
  readonly event: SourceRecord;
  readonly outcome: Exclude<EventOutcome, 'counted'> | null;
  /** The event that counts in its place. */
  readonly duplicateOf: SourceRecord | null;
}

export interface Knowledge {
  readonly knownAt: Instant;
  readonly mode: JoinMode;
}

/**
 * Applies the window [start, end), then the rules for which events count, in their order (SEMANTICS.md, section 4). The
 * window may come first, because events that are the same have the same event time.
 *
 * @param events of one key, in place order
 */
export function judgeEvents(
  view: CompiledView,
  events: readonly SourceRecord[],
  { knownAt, mode }: Knowledge,
  window: { readonly start: Instant; readonly end: Instant },
): JudgedEvent[] {
  const { latenessMillis, futureToleranceMillis } = view.source;
  const counting = new Map<string, SourceRecord>();
  const judge = (event: SourceRecord): JudgedEvent => {
    const { eventTime, knownTime, eventId } = event;
    const leftOut = (outcome: JudgedEvent['outcome'], duplicateOf: SourceRecord | null = null) => ({
      event,
      outcome,
      duplicateOf,
    });
    if (eventTime < window.start) return leftOut('beforeWindow');
    if (eventTime >= window.end) return leftOut('afterWindow');
    if (mode === 'AS_SERVED' && knownTime > knownAt) return leftOut('notYetKnown');
    if (knownTime - eventTime > latenessMillis) return leftOut('tooLate');
    if (eventTime - knownTime > futureToleranceMillis) return leftOut('tooFarAhead');
    if (eventId !== null) {
      const identity = `${eventTime} ${String(eventId)}`;
      const first = counting.get(identity);
      if (first !== undefined) return leftOut('duplicate', first);
      counting.set(identity, event);
    }
    return leftOut(null);
  };
  return events.map(judge);
}
