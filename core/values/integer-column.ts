import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { addIntegers, type Integer, multiplyIntegers } from './integers.ts';

/*
 * A column of exact integers: its form as a byte; then
 *   0            the one value that all of them have
 *   1, 2, 4      the least of them; how far all together lie above it, how far each, in so many bytes (little-endian)
 *   8            each as a float64
 *   9            each of its own length, because a bigint is among them
 */
type Form = 0 | 1 | 2 | 4 | 8 | 9;

const ofOwnLength = 9;

function formOf(least: number, greatest: number): Form {
  const distance = greatest - least;
  if (distance === 0) return 0;
  if (distance < 2 ** 8) return 1;
  if (distance < 2 ** 16) return 2;
  return distance < 2 ** 32 ? 4 : 8;
}

/** Exact integers, all as wide as the widest, so that a range of them is read without passing over those before it. */
export function writeIntegerColumn(out: ByteWriter, values: readonly Integer[]): void {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (typeof value === 'bigint') {
      out.byte(ofOwnLength);
      for (const each of values) out.integer(each);
      return;
    }
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  const form = values.length === 0 ? 0 : formOf(least, greatest);
  out.byte(form);
  if (form === 8) {
    for (const value of values) out.float64(value as number);
    return;
  }
  out.integer(values.length === 0 ? 0 : least);
  if (form === 0) return;
  let allAbove = 0;
  for (const value of values) allAbove += (value as number) - least;
  out.unsigned(allAbove);
  for (const value of values) {
    const above = (value as number) - least;
    out.byte(above & 0xff);
    if (form > 1) out.byte((above >>> 8) & 0xff);
    if (form > 2) {
      out.byte((above >>> 16) & 0xff);
      out.byte(above >>> 24);
    }
  }
}

/** Reads stored columns in place. One object opens many of them, one at a time. */
export class IntegerColumn {
  #form: Form = 0;
  #input: ByteReader | null = null;
  #bytes: Uint8Array = noBytes;
  #start = 0;
  #count = 0;
  #least = 0;
  #allAbove = 0;
  #values: readonly Integer[] = [];

  /** Opens the column at the reader's position, and leaves the reader behind it. */
  open(input: ByteReader, count: number): this {
    const form = input.byte() as Form;
    this.#form = form;
    if (form === ofOwnLength) {
      this.#values = Array.from({ length: count }, () => input.integer());
      return this;
    }
    if (form === 8) this.#input = input;
    else this.#least = input.integer() as number;
    this.#allAbove = form === 0 || form === 8 ? 0 : input.unsigned();
    this.#count = count;
    this.#bytes = input.bytes;
    this.#start = input.position;
    input.skip(form * count);
    return this;
  }

  at(index: number): Integer {
    switch (this.#form) {
      case 8:
        return this.#input!.float64At(this.#start + 8 * index);
      case 9:
        return this.#values[index]!;
      default:
        return this.#least + this.#above(index);
    }
  }

  /** How far a value lies above the least. */
  #above(index: number): number {
    const bytes = this.#bytes;
    switch (this.#form) {
      case 1:
        return bytes[this.#start + index]!;
      case 2: {
        const i = this.#start + 2 * index;
        return bytes[i]! | (bytes[i + 1]! << 8);
      }
      case 4: {
        const i = this.#start + 4 * index;
        return (bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)) >>> 0;
      }
      default:
        return 0;
    }
  }

  /** The exact sum of the values [from, to). */
  sum(from: number, to: number): Integer {
    if (this.#form >= 8) {
      let sum: Integer = 0;
      for (let i = from; i < to; i++) sum = addIntegers(sum, this.at(i));
      return sum;
    }
    // Most ranges are nearly the whole column, which is told; so only what is not in them is added up.
    const above =
      2 * (to - from) > this.#count
        ? this.#allAbove - this.#sumAbove(0, from) - this.#sumAbove(to, this.#count)
        : this.#sumAbove(from, to);
    return addIntegers(multiplyIntegers(this.#least, to - from), above);
  }

  #sumAbove(from: number, to: number): number {
    let above = 0;
    for (let i = from; i < to; i++) above += this.#above(i);
    return above;
  }
}

const noBytes = new Uint8Array();
