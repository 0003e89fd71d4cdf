import { hour } from '../time/windows.ts';
import { ByteReader } from '../values/byte-reader.ts';
import { ByteWriter } from '../values/byte-writer.ts';
import { canonicalText } from '../values/canonical-text.ts';
import { compareUtf8 } from '../values/compare.ts';
import type { Instant, Value, ValueType } from '../values/types.ts';

/** The ids of one hour's events, by partition; an id is its event time within the hour and its text. */
export type HourIds = Map<string, Set<string>>;

export function hourOf(eventTime: Instant): number {
  return Math.floor(eventTime / hour);
}

export function idText(type: ValueType, id: Exclude<Value, null>, eventTime: Instant): string {
  return `${eventTime % hour}:${canonicalText(type, id)}`;
}

/** [count of partitions] then each: text, [count of ids], ids. */
export function encodeHourIds(ids: HourIds): Uint8Array {
  const out = new ByteWriter();
  out.unsigned(ids.size);
  for (const [partition, texts] of [...ids].sort(([a], [b]) => compareUtf8(a, b))) {
    out.text(partition);
    out.unsigned(texts.size);
    for (const text of texts) out.text(text);
  }
  return out.toBytes();
}

export function decodeHourIds(bytes: Uint8Array): HourIds {
  const input = new ByteReader(bytes);
  const ids: HourIds = new Map();
  for (let partitions = input.unsigned(); partitions > 0; partitions--) {
    const partition = input.text();
    const texts = new Set<string>();
    for (let count = input.unsigned(); count > 0; count--) texts.add(input.text());
    ids.set(partition, texts);
  }
  return ids;
}
