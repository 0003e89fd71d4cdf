import type { CompiledSource, SourceRecord } from '../../core/definitions/compiled.ts';
import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { LogEntry, LogPosition } from '../../core/ports/event-log.ts';
import { normalizeRecord } from '../../core/records/normalize.ts';
import { topicOf } from '../../core/records/topic.ts';
import { toJson } from '../../core/values/json.ts';
import type { OnlineLimits, OnlineSubgraphDeps } from './deps.ts';
import { knownSource } from './names.ts';

export interface PushInput {
  readonly source: string;
  readonly events: readonly unknown[];
}

export interface PushPayload {
  readonly accepted: number;
  readonly positions: readonly LogPosition[];
  readonly rejected: readonly RejectedEvent[];
}

export interface RejectedEvent {
  readonly index: number;
  readonly code: string;
  readonly message: string;
}

/** An event that was never in the log has no place there. */
const nowhere = -1;
const deadLetterChars = 64 * 1024;

export type PushDeps = Pick<OnlineSubgraphDeps, 'log' | 'clock' | 'deadLetters' | 'onRefused'> & {
  readonly limits: OnlineLimits;
};

/**
 * Appends what parses to the source's topic, and keeps the rest as dead letters. UNKNOWN_NAME for the source,
 * BAD_INPUT for one without a stream, LIMIT_EXCEEDED for too many events.
 */
export async function pushEvents(deps: PushDeps, registry: CompiledRegistry, input: PushInput): Promise<PushPayload> {
  const source = knownSource(registry, input.source);
  const topic = streamedTopic(source);
  if (input.events.length > deps.limits.pushedEvents) throw tooManyEvents(input, deps.limits.pushedEvents);
  const arrival = deps.clock.now();
  const entries: LogEntry[] = [];
  const rejected: (RejectedEvent & { readonly payload: string })[] = [];
  for (const [index, event] of input.events.entries()) {
    const payload = JSON.stringify(event) ?? 'null';
    const checked = checkEvent(source, { event, payload, index, arrival }, deps.limits);
    if ('rejected' in checked) rejected.push({ index, payload, ...checked.rejected });
    else entries.push({ key: partitionKey(registry, checked.record, source), payload: Buffer.from(payload) });
  }
  if (rejected.length > 0) {
    deps.onRefused?.(topic, rejected.length);
    await deps.deadLetters.put(
      rejected.map(({ code, message, payload }) => ({
        source: source.name,
        origin: topic,
        partition: nowhere,
        offset: nowhere,
        at: arrival,
        code,
        reason: message,
        payload: payload.slice(0, deadLetterChars),
      })),
    );
  }
  const positions = entries.length === 0 ? [] : await deps.log.append(topic, entries);
  return {
    accepted: positions.length,
    positions,
    rejected: rejected.map(({ index, code, message }) => ({ index, code, message })),
  };
}

interface GivenEvent {
  readonly event: unknown;
  readonly payload: string;
  readonly index: number;
  readonly arrival: number;
}

type Checked =
  | { readonly record: SourceRecord }
  | { readonly rejected: { readonly code: string; readonly message: string } };

function checkEvent(
  source: CompiledSource,
  { event, payload, index, arrival }: GivenEvent,
  limits: OnlineLimits,
): Checked {
  const refuse = (code: string, message: string): Checked => ({ rejected: { code, message } });
  if (typeof event !== 'object' || event === null || Array.isArray(event)) {
    return refuse(
      'BAD_RECORD',
      `events[${index}]: expected an object with the columns of ${source.name}; got ${payload.slice(0, 80)}`,
    );
  }
  const bytes = Buffer.byteLength(payload);
  if (bytes > limits.eventBytes) {
    return refuse('LIMIT_EXCEEDED', `events[${index}]: expected at most ${limits.eventBytes} bytes; got ${bytes}`);
  }
  const place = { origin: source.name, partition: 0, offset: index };
  const normalized = normalizeRecord(source, event as Readonly<Record<string, unknown>>, place, arrival);
  if ('record' in normalized) return { record: normalized.record };
  return refuse(normalized.rejected.code, `events[${index}]: ${normalized.rejected.reason}`);
}

/** Equal event ids share a partition, and so do the rows of one key; the rest may go anywhere. */
function partitionKey(registry: CompiledRegistry, record: SourceRecord, source: CompiledSource): string | null {
  const { definition } = source;
  if (definition.kind === 'events') return record.eventId === null ? null : String(record.eventId);
  const view = [...registry.views.values()].flat().find((one) => one.source.name === source.name && one.key.length > 0);
  if (view === undefined) return null;
  return JSON.stringify(view.key.map(({ type, column }) => toJson(type, record.values[column] ?? null)));
}

function streamedTopic(source: CompiledSource): string {
  const { stream } = source.definition;
  if (stream?.kind === 'kafka' && stream.format !== undefined) throw foreignFormat(source, stream.format);
  const topic = topicOf(source);
  if (topic !== null) return topic;
  throw new AsofError('BAD_INPUT', `the source '${source.name}' has no stream to push to`, {
    path: `sources.${source.name}`,
    remedy: 'Declare `stream: push()` (or a Kafka topic) on it and apply the definitions.',
  });
}

/** What is pushed is written as JSON, which the topic's other readers could not read. */
function foreignFormat({ name }: CompiledSource, format: string): AsofError {
  return new AsofError('BAD_INPUT', `the source '${name}' cannot be pushed to`, {
    path: `sources.${name}`,
    expected: 'a topic in JSON',
    got: format,
    remedy: 'Produce to its topic, with a serializer of your schema registry.',
  });
}

function tooManyEvents({ source, events }: PushInput, limit: number): AsofError {
  return new AsofError('LIMIT_EXCEEDED', 'too many events in one push', {
    path: `push.${source}.events`,
    expected: `at most ${limit}`,
    got: String(events.length),
    remedy: 'Push them in several requests.',
  });
}
