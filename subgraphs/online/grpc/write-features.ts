import { ProtoWriter } from '../../../runtime/grpc/proto-writer.ts';
import type { FeatureList, FeaturePlace } from '../feature-list.ts';
import { cellAt, typeOfColumn } from '../service-cells.ts';
import type { ServiceReading } from '../service-read.ts';
import { valueWriter, type WriteValue, writeNotes, writeTimestamp } from './feature-values.ts';

/** Rows of features that were read, to be written. */
export interface AnsweredRows {
  readonly list: FeatureList;
  readonly reading: ServiceReading;
  /** By which rows are told apart; null = by their order. */
  readonly ids: readonly string[] | null;
  readonly rows: number;
  readonly withEventTimes: boolean;
}

/** Tags of the two responses: number · 8 + 2, for what has a length. */
const tags = { features: 10, rows: 18, readAtOfOne: 18, readAtOfBatch: 26, key: 10, value: 18 } as const;

interface ColumnWriter {
  /** An entry of `features` up to its value, with two lengths of one byte that are still open: its own, and the last byte. */
  readonly head: Uint8Array;
  readonly write: WriteValue;
  readonly place: FeaturePlace;
}

const writersOf = new WeakMap<FeatureList, readonly ColumnWriter[]>();
/** One for all: an answer is written without waiting. */
const shared = new ProtoWriter(64 * 1_024);

/** A GetFeaturesResponse. */
export function writeOne(answered: AnsweredRows): Buffer {
  shared.clear();
  writeRow(shared, answered, 0);
  writeTimestamp(shared, tags.readAtOfOne, answered.reading.readAt);
  return shared.toBytes();
}

/** A BatchGetFeaturesResponse. */
export function writeBatch(answered: AnsweredRows): Buffer {
  const out = shared;
  out.clear();
  for (let row = 0; row < answered.rows; row++) {
    out.uint32(answered.ids === null ? tags.rows : tags.features);
    const begun = out.begin();
    if (answered.ids === null) writeRow(out, answered, row);
    else {
      out.uint32(tags.key);
      out.string(answered.ids[row]!);
      out.uint32(tags.value);
      const value = out.begin();
      writeRow(out, answered, row);
      out.end(value);
    }
    out.end(begun);
  }
  writeTimestamp(out, tags.readAtOfBatch, answered.reading.readAt);
  return out.toBytes();
}

/** The map `features`, which has the same number in an EntityFeatures and in a GetFeaturesResponse. */
function writeRow(out: ProtoWriter, { list, reading, withEventTimes }: AnsweredRows, row: number): void {
  const writers = columnWriters(list);
  for (let i = 0; i < writers.length; i++) {
    const { head, write, place } = writers[i]!;
    const begun = out.length;
    out.raw(head);
    const { value, status, defaulted, eventTime } = cellAt(reading, place, row);
    if (value !== null) write(out, value);
    if (status !== 'PRESENT' || defaulted || withEventTimes) {
      writeNotes(out, { status, defaulted, eventTime: withEventTimes ? eventTime : null });
    }
    out.endBoth(begun + 1, begun + head.length - 1);
  }
}

function columnWriters(list: FeatureList): readonly ColumnWriter[] {
  const known = writersOf.get(list);
  if (known !== undefined) return known;
  const writers = list.columns.map((column): ColumnWriter => {
    const key = new ProtoWriter();
    key.uint32(tags.key);
    key.string(column.name);
    const head = Buffer.concat([Buffer.of(tags.features, 0), key.toBytes(), Buffer.of(tags.value, 0)]);
    return { head, write: valueWriter(typeOfColumn(list, column)), place: column.place };
  });
  writersOf.set(list, writers);
  return writers;
}
