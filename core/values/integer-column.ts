import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { addIntegers, type Integer } from './integers.ts';

/** Bytes per value; 8 = as a float64, 0 = of its own length each, because a bigint is among them. */
type Width = 0 | 1 | 2 | 4 | 8;

function widthOf(values: readonly Integer[]): Width {
  let least = 0;
  let greatest = 0;
  for (const value of values) {
    if (typeof value === 'bigint') return 0;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  if (least >= -0x80 && greatest < 0x80) return 1;
  if (least >= -0x8000 && greatest < 0x8000) return 2;
  return least >= -0x8000_0000 && greatest < 0x8000_0000 ? 4 : 8;
}

/** Exact integers, all as wide as the widest, so that a range of them is read without passing over those before it. */
export function writeIntegerColumn(out: ByteWriter, values: readonly Integer[]): void {
  const width = widthOf(values);
  out.byte(width);
  for (const value of values) {
    if (width === 0) out.integer(value);
    else if (width === 8) out.float64(Number(value));
    else {
      const bits = Number(value);
      out.byte(bits & 0xff);
      if (width > 1) out.byte((bits >> 8) & 0xff);
      if (width > 2) {
        out.byte((bits >> 16) & 0xff);
        out.byte((bits >> 24) & 0xff);
      }
    }
  }
}

/** A column as it is stored; opening one leaves the reader behind it. */
export class IntegerColumn {
  readonly #width: Width;
  readonly #input: ByteReader;
  readonly #bytes: Uint8Array;
  readonly #start: number;
  readonly #values: readonly Integer[];

  constructor(input: ByteReader, count: number) {
    this.#width = input.byte() as Width;
    this.#input = input;
    this.#bytes = input.bytes;
    this.#start = input.position;
    this.#values = this.#width === 0 ? Array.from({ length: count }, () => input.integer()) : noValues;
    input.skip(this.#width * count);
  }

  at(index: number): Integer {
    const bytes = this.#bytes;
    switch (this.#width) {
      case 1:
        return (bytes[this.#start + index]! << 24) >> 24;
      case 2: {
        const i = this.#start + 2 * index;
        return ((bytes[i]! | (bytes[i + 1]! << 8)) << 16) >> 16;
      }
      case 4: {
        const i = this.#start + 4 * index;
        return bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
      }
      case 8:
        return this.#input.float64At(this.#start + 8 * index);
      case 0:
        return this.#values[index]!;
    }
  }

  /** The exact sum of the values [from, to). */
  sum(from: number, to: number): Integer {
    const bytes = this.#bytes;
    const start = this.#start;
    let total = 0;
    switch (this.#width) {
      case 1:
        for (let i = start + from; i < start + to; i++) total += (bytes[i]! << 24) >> 24;
        return total;
      case 2:
        for (let i = start + 2 * from; i < start + 2 * to; i += 2) {
          total += ((bytes[i]! | (bytes[i + 1]! << 8)) << 16) >> 16;
        }
        return total;
      case 4:
        for (let i = start + 4 * from; i < start + 4 * to; i += 4) {
          total += bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
        }
        return total;
      default: {
        let sum: Integer = 0;
        for (let i = from; i < to; i++) sum = addIntegers(sum, this.at(i));
        return sum;
      }
    }
  }
}

const noValues: readonly Integer[] = [];
