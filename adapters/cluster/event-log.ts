import type { EventLog, LogEntry } from '../../core/ports/event-log.ts';
import { asking, type Link } from './link.ts';

/** What workers write to; `open` gives it when it is there. */
export function eventLogCalls(open: () => Promise<Pick<EventLog, 'append'>>) {
  return {
    'log.append': async (topic: string, records: readonly LogEntry[]) => (await open()).append(topic, records),
  };
}

/** The primary's event log, in a worker. */
export function createLinkedEventLog(link: Link): Pick<EventLog, 'append'> {
  const primary = asking<ReturnType<typeof eventLogCalls>>(link);
  return { append: (topic, records) => primary.call('log.append', topic, records) };
}
