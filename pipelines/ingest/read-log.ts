import type { CompiledSource, CompiledView } from '../../core/definitions/compiled.ts';
import { groupByKey } from '../../core/online/group-by-key.ts';
import type { OnlineWriter } from '../../core/online/writer.ts';
import type { EventLog } from '../../core/ports/event-log.ts';
import type { PayloadCodecs } from '../../core/ports/payload-codecs.ts';
import { type DecodedBatch, decodeBatch, formatOf, parseBatch } from './decode.ts';
import { type LetterBox, placeOf } from './letters.ts';

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

/**
 * Applies what a view's topic holds in the range to the online store, under the token of its fill. What has become a dead
 * letter since it was sent is left out, as it was in the stream.
 */
export async function applyLog(
  deps: ReadLogDeps & { readonly writer: OnlineWriter; readonly deadLetters: Pick<LetterBox, 'reported'> },
  { view, token }: { readonly view: CompiledView; readonly token: string },
  range: LogRange,
): Promise<{ readonly records: number; readonly keysRefused: number }> {
  let applied = 0;
  let refused = 0;
  if (range.from >= range.to) return { records: 0, keysRefused: 0 };
  const reported = await deps.deadLetters.reported(view.source.name);
  for await (const { records } of readLog(deps, view.source, range)) {
    const kept = records.filter((record) => !reported.has(placeOf(record)));
    const { keysRefused } = await deps.writer.apply(view, groupByKey(view, kept), token);
    applied += kept.length;
    refused += keysRefused;
  }
  return { records: applied, keysRefused: refused };
}
