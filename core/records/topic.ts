import type { CompiledSource } from '../definitions/compiled.ts';
import type { SourceDefinition } from '../definitions/model.ts';

/**
 * The topic of the event log that feeds a source: the declared Kafka topic, `push.<source>` for a source that is only
 * pushed to, null for a source without a stream. Several sources may read one topic.
 */
export function topicOf(source: CompiledSource | SourceDefinition): string | null {
  const { stream } = 'definition' in source ? source.definition : source;
  if (stream === undefined) return null;
  return stream.kind === 'kafka' ? stream.topic : `push.${source.name}`;
}
