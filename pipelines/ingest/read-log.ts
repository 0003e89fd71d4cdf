import type { CompiledSource } from '../../core/definitions/compiled.ts';
import type { EventLog } from '../../core/ports/event-log.ts';
import type { PayloadCodecs } from '../../core/ports/payload-codecs.ts';
import { type DecodedBatch, decodeBatch, formatOf, parseBatch } from './decode.ts';

/** Records of one partition in [from, to), read again from the log. */
export interface LogRange {
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

export interface ReadLogDeps {
  readonly log: EventLog;
  readonly codecs?: PayloadCodecs;
}

const readRecords = 1_000;

/** The source's records in the range, batch by batch, in offset order. */
export async function* readLog(
  { log, codecs }: ReadLogDeps,
  source: CompiledSource,
  { topic, partition, from, to }: LogRange,
): AsyncGenerator<DecodedBatch> {
  let offset = from;
  while (offset < to) {
    const records = await log.read(topic, partition, offset, Math.min(readRecords, to - offset));
    const last = records.at(-1);
    if (last === undefined) return;
    offset = last.offset + 1;
    const within = last.offset < to ? records : records.filter((record) => record.offset < to);
    const parsed = await parseBatch({ topic, partition, records: within }, formatOf(source), codecs);
    yield decodeBatch(source, parsed);
  }
}
