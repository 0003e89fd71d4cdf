import { hour } from '../time/windows.ts';
import { ByteReader } from '../values/byte-reader.ts';
import { ByteWriter } from '../values/byte-writer.ts';
import { canonicalText } from '../values/canonical-text.ts';
import type { Instant, Value, ValueType } from '../values/types.ts';

/*
 * The ids of one hour's events of one key, in chunks that are stored under keys of their own, so that a busy hour is
 * not written anew with every batch. A chunk is a list of entries; an id is its event time within the hour and its
 * canonical text:
 *
 *   0, partition text      the ids that follow came from this partition
 *   1, id                  an id of the current partition
 */

const partitionEntry = 0;
const idEntry = 1;

/** A chunk that has grown to this is full; the next id opens another. */
const chunkBytes = 32_768;

export class HourIds {
  readonly #ids = new Map<string, Set<string>>();
  readonly #last = new ByteWriter(64);
  #lastPartition: string | null = null;
  /** Chunks that are full; the last one comes after them. */
  #full = 0;
  /** Full chunks that are not stored yet, by number. */
  readonly #unstored = new Map<number, Uint8Array>();

  /** The partition that an id came from; null = it is new. */
  holderOf(id: string): string | null {
    for (const [partition, ids] of this.#ids) if (ids.has(id)) return partition;
    return null;
  }

  add(partition: string, id: string): void {
    this.#remember(partition, id);
    if (this.#last.length >= chunkBytes) {
      this.#unstored.set(this.#full, this.#last.toBytes());
      this.#full++;
      this.#last.clear();
      this.#lastPartition = null;
    }
    if (this.#lastPartition !== partition) {
      this.#last.byte(partitionEntry);
      this.#last.text(partition);
      this.#lastPartition = partition;
    }
    this.#last.byte(idEntry);
    this.#last.text(id);
  }

  #remember(partition: string, id: string): void {
    const ids = this.#ids.get(partition);
    if (ids === undefined) this.#ids.set(partition, new Set([id]));
    else ids.add(id);
  }

  get size(): number {
    let size = 0;
    for (const ids of this.#ids.values()) size += ids.size;
    return size;
  }

  get chunkCount(): number {
    return this.#full + 1;
  }

  /** What must be stored, by number of chunk; the last chunk is always among it. */
  takeChunks(): ReadonlyMap<number, Uint8Array> {
    const chunks = new Map(this.#unstored).set(this.#full, this.#last.toBytes());
    this.#unstored.clear();
    return chunks;
  }

  /** The chunks of one hour in order. */
  static read(chunks: readonly Uint8Array[]): HourIds {
    const hourIds = new HourIds();
    chunks.forEach((chunk, index) => {
      const input = new ByteReader(chunk);
      let partition = '';
      while (!input.isAtEnd) {
        if (input.byte() === partitionEntry) partition = input.text();
        else hourIds.#remember(partition, input.text());
      }
      if (index < chunks.length - 1) return;
      hourIds.#full = index;
      hourIds.#last.raw(chunk);
      hourIds.#lastPartition = chunk.length === 0 ? null : partition;
    });
    return hourIds;
  }
}

export function hourOf(eventTime: Instant): number {
  return Math.floor(eventTime / hour);
}

/** One id within its hour: equal texts are equal (event id, event time). */
export function idText(type: ValueType, id: Exclude<Value, null>, eventTime: Instant): string {
  return `${eventTime % hour}:${canonicalText(type, id)}`;
}
