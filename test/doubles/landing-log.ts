import type { SourceRecord } from '../../core/definitions/compiled.ts';
import { eventSource, record } from './landing-views.ts';

export const landingsSource = eventSource();

const day = Date.UTC(2001, 0, 1);

/** The landing at an offset of a partition of the topic `log`; all of one day. */
export function landingAt(offset: number, partition: number): SourceRecord {
  const values = ['ATL', 'ORD', offset - 5, '1.50', 0.5, offset];
  return record({ offset, partition, origin: 'log' }, day + offset, values, { eventId: offset });
}
