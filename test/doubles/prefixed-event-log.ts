import type { EventLog } from '../../core/ports/event-log.ts';

/** A log that shares its broker with others: topics and groups carry a prefix outside. Closing it closes the log. */
export function prefixedEventLog(log: EventLog, prefix: string): EventLog {
  const outer = (name: string): string => `${prefix}${name}`;
  const inner = (name: string): string => name.slice(prefix.length);
  return {
    name: log.name,
    append: (topic, records) => log.append(outer(topic), records),
    partitions: (topic) => log.partitions(outer(topic)),
    read: (topic, partition, offset, limit) => log.read(outer(topic), partition, offset, limit),
    endOffsets: (topic) => log.endOffsets(outer(topic)),
    consume: (options) =>
      log.consume({
        ...options,
        group: outer(options.group),
        topics: options.topics.map(outer),
        onBatch: (batch, leaving) => options.onBatch({ ...batch, topic: inner(batch.topic) }, leaving),
        onAssigned: async (partitions) =>
          options.onAssigned?.(new Map([...partitions].map(([topic, own]) => [inner(topic), own]))),
      }),
    commit: (group, topic, offsets, note) => log.commit(outer(group), outer(topic), offsets, note),
    committed: (group, topic) => log.committed(outer(group), outer(topic)),
    [Symbol.asyncDispose]: () => log[Symbol.asyncDispose](),
  };
}
