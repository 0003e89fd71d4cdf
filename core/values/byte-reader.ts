import { AsofError } from '../errors/asof-error.ts';
import { type Integer, toInteger } from './integers.ts';

/** Reads what a `ByteWriter` wrote. Throws AsofError CORRUPT when the bytes end too early. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #end: number;
  #view: Buffer | null = null;
  position: number;

  constructor(bytes: Uint8Array, position = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.position = position;
    this.#end = end;
  }

  get isAtEnd(): boolean {
    return this.position >= this.#end;
  }

  /** The same bytes, made only for what needs it: most reads take a few small numbers. */
  get #buffer(): Buffer {
    const { buffer, byteOffset, byteLength } = this.#bytes;
    this.#view ??= Buffer.from(buffer, byteOffset, byteLength);
    return this.#view;
  }

  /** What is read, for columns that look around in it by themselves. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Goes on elsewhere in the same bytes. */
  moveTo(position: number, end: number): this {
    this.position = position;
    this.#end = end;
    return this;
  }

  #take(count: number): number {
    const start = this.position;
    if (!(start + count <= this.#end)) {
      throw new AsofError('CORRUPT', 'a stored value ends too early', {
        expected: `${start + count} bytes`,
        got: `${this.#end}`,
        remedy: 'Backfill the feature view to write it anew.',
      });
    }
    this.position = start + count;
    return start;
  }

  byte(): number {
    return this.#bytes[this.#take(1)]!;
  }

  unsigned(): number {
    const bytes = this.#bytes;
    let position = this.position;
    let byte = bytes[position++] ?? this.#take(1);
    let value = byte & 0x7f;
    let factor = 0x80;
    while (byte >= 0x80) {
      byte = bytes[position++] ?? this.#take(Number.POSITIVE_INFINITY);
      value += (byte & 0x7f) * factor;
      factor *= 0x80;
    }
    this.#take(position - this.position);
    return value;
  }

  integer(): Integer {
    const first = this.byte();
    const isNegative = (first & 1) === 1;
    if ((first & 2) !== 0) {
      const hex = Buffer.from(this.blob()).toString('hex');
      const magnitude = BigInt(`0x${hex}`);
      return toInteger(isNegative ? -magnitude : magnitude);
    }
    let magnitude = (first >> 2) & 0x1f;
    if (first >= 0x80) magnitude += this.unsigned() * 0x20;
    return isNegative ? -magnitude : magnitude;
  }

  /** `byte() === 0 ? null : integer()`, for what is read most: in one step where the integer is not a large one. */
  nullableInteger(): Integer | null {
    const bytes = this.#bytes;
    let position = this.position;
    const first = bytes[position + 1];
    if (bytes[position] === 1 && first !== undefined && (first & 2) === 0) {
      position += 2;
      let magnitude = (first >> 2) & 0x1f;
      let byte: number | undefined = first;
      for (let factor = 0x20; byte !== undefined && byte >= 0x80; factor *= 0x80) {
        byte = bytes[position++];
        magnitude += ((byte ?? 0) & 0x7f) * factor;
      }
      if (byte !== undefined && position <= this.#end) {
        this.position = position;
        return (first & 1) === 1 ? -magnitude : magnitude;
      }
    }
    return this.byte() === 0 ? null : this.integer();
  }

  skipInteger(): void {
    const first = this.byte();
    if ((first & 2) !== 0) this.skip(this.unsigned());
    else if (first >= 0x80) this.unsigned();
  }

  float64(): number {
    return this.#buffer.readDoubleLE(this.#take(8));
  }

  /** Without moving; the caller has been there. */
  float64At(position: number): number {
    return this.#buffer.readDoubleLE(position);
  }

  /** Without moving; the caller has been there. */
  uint32At(position: number): number {
    const bytes = this.#bytes;
    return (
      (bytes[position]! | (bytes[position + 1]! << 8) | (bytes[position + 2]! << 16) | (bytes[position + 3]! << 24)) >>>
      0
    );
  }

  uint32(): number {
    return this.uint32At(this.#take(4));
  }

  text(): string {
    const length = this.unsigned();
    const start = this.#take(length);
    return this.#buffer.toString('utf8', start, start + length);
  }

  blob(): Uint8Array {
    return this.raw(this.unsigned());
  }

  raw(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  skip(count: number): void {
    this.#take(count);
  }
}
