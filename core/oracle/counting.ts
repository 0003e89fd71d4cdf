import type { CompiledView, SourceRecord } from '../definitions/compiled.ts';
import type { JoinMode } from '../ports/offline-store.ts';
import type { Instant, Value } from '../values/types.ts';

/** The records of one key. A key with a NULL part matches nothing. */
export function recordsOfKey(
  view: CompiledView,
  records: readonly SourceRecord[],
  key: readonly Value[],
): SourceRecord[] {
  if (key.includes(null)) return [];
  return records.filter((record) => view.key.every((part, index) => record.values[part.column] === key[index]));
}

/**
 * The events of one key that count, at most once each (SEMANTICS.md, section 4). `events` are in place order, so
 * the first of several with the same (event id, event time) is the one that counts.
 */
export function countingEvents(
  view: CompiledView,
  events: readonly SourceRecord[],
  knowledge: { readonly knownAt: Instant; readonly mode: JoinMode },
): SourceRecord[] {
  const counting: SourceRecord[] = [];
  for (const event of events) {
    if (knowledge.mode === 'AS_SERVED' && event.knownTime > knowledge.knownAt) continue;
    if (event.knownTime - event.eventTime > view.source.latenessMillis) continue;
    if (event.eventTime - event.knownTime > view.source.futureToleranceMillis) continue;
    const repeated =
      event.eventId !== null &&
      counting.some((earlier) => earlier.eventId === event.eventId && earlier.eventTime === event.eventTime);
    if (!repeated) counting.push(event);
  }
  return counting;
}
