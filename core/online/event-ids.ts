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

/**
 * A chunk that has grown to this is full; the next id opens another. Each batch writes the last chunk of its keys anew, half
 * of this on average however few its events; each chunk is a key more to read where the state is not held.
 */
const chunkBytes = 4_096;

/** A V8 object with its Map, and an id's text with its place in the Map. */
const bytesPerHour = 320;
const bytesPerId = 96;

/** One for all hours: chunks are encoded when they are stored, one after the other. */
const scratch = new ByteWriter(chunkBytes + 1_024);

/** Most of them hold a few ids, and there are many: an hour of a key each. What is encoded is not held. */
export class HourIds {
  /** The ids of the last chunk, in order, with the partition each came from. */
  #last = new Map<string, string>();
  #lastBytes = 0;
  #lastPartition: string | null = null;
  /** Chunks that are full; the last one comes after them. */
  #full = 0;
  #fullIds: Map<string, string> | null = null;
  /** Full chunks that are not stored yet, by number. */
  #unstored: Map<number, Uint8Array> | null = null;

  /** The partition that an id came from; null = it is new. */
  holderOf(id: string): string | null {
    return this.#last.get(id) ?? this.#fullIds?.get(id) ?? null;
  }

  add(partition: string, id: string): void {
    if (this.#lastBytes >= chunkBytes) {
      this.#unstored ??= new Map();
      this.#unstored.set(this.#full, encodeChunk(this.#last));
      this.#openNext();
    }
    this.#append(partition, id);
  }

  #append(partition: string, id: string): void {
    if (this.#lastPartition !== partition) this.#lastBytes += entryBytes(partition);
    this.#lastPartition = partition;
    this.#lastBytes += entryBytes(id);
    this.#last.set(id, partition);
  }

  #openNext(): void {
    this.#full++;
    if (this.#fullIds === null) this.#fullIds = this.#last;
    else for (const [id, partition] of this.#last) this.#fullIds.set(id, partition);
    this.#last = new Map();
    this.#lastBytes = 0;
    this.#lastPartition = null;
  }

  /** About what it takes in memory. */
  get heldBytes(): number {
    return bytesPerHour + bytesPerId * (this.#last.size + (this.#fullIds?.size ?? 0));
  }

  get chunkCount(): number {
    return this.#full + 1;
  }

  /** What must be stored, by number of chunk; the last chunk is always among it. */
  takeChunks(): ReadonlyMap<number, Uint8Array> {
    const chunks = new Map(this.#unstored).set(this.#full, encodeChunk(this.#last));
    this.#unstored = null;
    return chunks;
  }

  /** The chunks of one hour in order. */
  static read(chunks: readonly Uint8Array[]): HourIds {
    const hourIds = new HourIds();
    chunks.forEach((chunk, index) => {
      if (index > 0) hourIds.#openNext();
      const input = new ByteReader(chunk);
      let partition = '';
      while (!input.isAtEnd) {
        if (input.byte() === partitionEntry) partition = input.text();
        else hourIds.#append(partition, input.text());
      }
    });
    return hourIds;
  }
}

/** The tag, a length (which may take a byte more or less) and the text. */
function entryBytes(text: string): number {
  return text.length + 2;
}

function encodeChunk(ids: ReadonlyMap<string, string>): Uint8Array {
  scratch.clear();
  let current: string | null = null;
  for (const [id, partition] of ids) {
    if (partition !== current) {
      scratch.byte(partitionEntry);
      scratch.text(partition);
      current = partition;
    }
    scratch.byte(idEntry);
    scratch.text(id);
  }
  return scratch.toBytes();
}

export function hourOf(eventTime: Instant): number {
  return Math.floor(eventTime / hour);
}

/** One id within its hour: equal texts are equal (event id, event time). */
export function idText(type: ValueType, id: Exclude<Value, null>, eventTime: Instant): string {
  return `${eventTime % hour}:${canonicalText(type, id)}`;
}
