import type { EventIdentity } from '../../../runtime/shared-results.ts';
import type { ChangedKey } from '../entities.ts';
import type { Delivered } from '../updates.ts';
import type { Counted } from './event-iterator.ts';

/** What the sources of our subscriptions give. */
export type SourceEvent = ChangedKey | Counted<Delivered<object>>;

/** What subscribers have in common who are told of the same change, or of the same message of the bus. */
export function identifyEvent(event: SourceEvent): EventIdentity | null {
  if ('change' in event) return event.change === null ? null : { of: event.change, as: event.text };
  const { message, cursor, lagged } = event.event;
  return { of: message, as: `${cursor} ${lagged} ${event.dropped}` };
}
