import { Buffer } from 'node:buffer';
import { bindings } from './bindings.ts';

/** Texts of at most so many bytes stand in the vector itself. */
export const inlineBytes = 12;

const cacheSize = 1024;
const pageBytes = 4096;

/**
 * Reads the texts of a vector in the order of their rows. DuckDB keeps each as 16 bytes: its length, then either the
 * text itself or its first 4 bytes and a pointer. As columns repeat themselves, a text with the same 16 bytes as one
 * before is that one.
 */
export function textReader(memory: Uint8Array, isNull: (row: number) => boolean): (row: number) => string {
  const bytes = bufferOf(memory);
  const words = new Int32Array(memory.buffer, memory.byteOffset, memory.byteLength / 4);
  const known = new Int32Array(cacheSize).fill(-1);
  const texts: string[] = [];
  const longText = longTextReader(memory, isNull);
  return (row) => {
    const slot = slotOf(words, 4 * row);
    const earlier = known[slot]!;
    if (earlier >= 0 && sameText(words, 4 * earlier, 4 * row)) return texts[slot]!;
    const length = words[4 * row]!;
    const start = 16 * row + 4;
    const text = length <= inlineBytes ? bytes.toString('utf8', start, start + length) : longText(row);
    known[slot] = row;
    texts[slot] = text;
    return text;
  };
}

function slotOf(words: Int32Array, at: number): number {
  const mixed =
    Math.imul(Math.imul(words[at]! ^ words[at + 1]!, 0x9e3779b1) ^ words[at + 2]!, 0x85ebca6b) ^
    Math.imul(words[at + 3]!, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 15)) & (cacheSize - 1);
}

function sameText(words: Int32Array, a: number, b: number): boolean {
  return (
    words[a] === words[b] &&
    words[a + 1] === words[b + 1] &&
    words[a + 2] === words[b + 2] &&
    words[a + 3] === words[b + 3]
  );
}

/**
 * Following a pointer costs more than reading what it leads to, so texts that lie near each other are fetched together.
 * What lies between two texts less than a page apart lies on their own pages: it can be read, whatever it is.
 */
function longTextReader(memory: Uint8Array, isNull: (row: number) => boolean): (row: number) => string {
  const words = new Uint32Array(memory.buffer, memory.byteOffset, memory.byteLength / 4);
  const rows = words.length / 4;
  const lengthAt = (row: number) => words[4 * row]!;
  const addressAt = (row: number) => words[4 * row + 3]! * 2 ** 32 + words[4 * row + 2]!;
  let from = 0;
  let to = 0;
  let fetched: Buffer = Buffer.alloc(0);
  const fetchFrom = (row: number) => {
    from = addressAt(row);
    to = from + lengthAt(row);
    for (let next = row + 1; next < rows; next++) {
      if (isNull(next) || lengthAt(next) <= inlineBytes) continue;
      const address = addressAt(next);
      const end = address + lengthAt(next);
      if (address > to + pageBytes || end < from - pageBytes) break;
      from = Math.min(from, address);
      to = Math.max(to, end);
    }
    const pointer = new Uint32Array([from, Math.floor(from / 2 ** 32)]);
    fetched = bufferOf(bindings.get_data_from_pointer(pointer.buffer, 0, to - from));
  };
  return (row) => {
    const address = addressAt(row);
    const length = lengthAt(row);
    if (address < from || address + length > to) fetchFrom(row);
    return fetched.toString('utf8', address - from, address - from + length);
  };
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}
