import type { CompiledSource, SourceRecord } from '../../core/definitions/compiled.ts';
import type { PayloadFormat } from '../../core/definitions/model.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { DeadLetter } from '../../core/ports/dead-letters.ts';
import type { LogBatch, LogRecord } from '../../core/ports/event-log.ts';
import type { PayloadCodecs } from '../../core/ports/payload-codecs.ts';
import { normalizeRecord } from '../../core/records/normalize.ts';
import { parseJson } from '../../core/values/parse-json.ts';

/** A batch whose payloads are parsed once, however many sources read the topic. */
export interface ParsedBatch {
  readonly topic: string;
  readonly partition: number;
  readonly entries: readonly ParsedEntry[];
}

type ParsedEntry = { readonly log: LogRecord } & (
  | { readonly row: Readonly<Record<string, unknown>> }
  | { readonly problem: string }
);

export interface DecodedBatch {
  readonly records: readonly SourceRecord[];
  readonly letters: readonly DeadLetter[];
}

/** A dead letter keeps this much of its payload. */
const maxPayloadBytes = 64 * 1024;

const utf8 = new TextDecoder('utf-8', { fatal: true });
const lenientUtf8 = new TextDecoder('utf-8');

/** @param codecs absent = a format other than JSON cannot be read here */
export async function parseBatch(
  { topic, partition, records }: LogBatch,
  format: PayloadFormat | null,
  codecs?: PayloadCodecs,
): Promise<ParsedBatch> {
  if (format === null) return { topic, partition, entries: records.map(parseEntry) };
  if (codecs === undefined) throw noRegistry(topic, format);
  const decoded = await codecs.decode(
    format,
    records.map(({ payload }) => payload),
  );
  const entries = records.map(
    (log, index): ParsedEntry =>
      log.problem === undefined ? { log, ...decoded[index]! } : { log, problem: log.problem },
  );
  return { topic, partition, entries };
}

/** How the topic of a source is written; null = in JSON. */
export function formatOf({ definition: { stream } }: CompiledSource): PayloadFormat | null {
  return stream?.kind === 'kafka' ? (stream.format ?? null) : null;
}

function noRegistry(topic: string, format: PayloadFormat): AsofError {
  return new AsofError('UNAVAILABLE', `the topic's ${format} payloads cannot be read without a schema registry`, {
    path: topic,
    remedy: 'Set SCHEMA_REGISTRY_URL.',
  });
}

/** The records of one source in a batch, in offset order; what it refuses becomes dead letters. */
export function decodeBatch(source: CompiledSource, batch: ParsedBatch): DecodedBatch {
  const records: SourceRecord[] = [];
  const letters: DeadLetter[] = [];
  for (const entry of batch.entries) {
    const { offset, arrival } = entry.log;
    if ('problem' in entry) {
      letters.push(deadLetter(source, batch, entry.log, 'BAD_RECORD', entry.problem));
      continue;
    }
    const place = { origin: batch.topic, partition: batch.partition, offset };
    const outcome = normalizeRecord(source, entry.row, place, arrival);
    if ('record' in outcome) records.push(outcome.record);
    else letters.push(deadLetter(source, batch, entry.log, outcome.rejected.code, outcome.rejected.reason));
  }
  return { records, letters };
}

function parseEntry(log: LogRecord): ParsedEntry {
  if (log.problem !== undefined) return { log, problem: log.problem };
  try {
    const row = parseJson(utf8.decode(log.payload));
    if (isObject(row)) return { log, row };
    return { log, problem: `expected one JSON object; got ${Array.isArray(row) ? 'an array' : typeOf(row)}` };
  } catch (error) {
    if (error instanceof AsofError || error instanceof SyntaxError) return { log, problem: error.message };
    if (error instanceof TypeError) return { log, problem: 'expected UTF-8 JSON; got bytes that are not UTF-8' };
    throw error;
  }
}

export function deadLetter(
  source: CompiledSource,
  { topic, partition }: Pick<ParsedBatch, 'topic' | 'partition'>,
  { offset, arrival, payload }: LogRecord,
  code: string,
  reason: string,
): DeadLetter {
  const text = lenientUtf8.decode(payload.subarray(0, maxPayloadBytes));
  return {
    source: source.name,
    origin: topic,
    partition,
    offset,
    at: arrival,
    code,
    reason,
    payload: text,
    original: payload,
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : typeof value;
}
