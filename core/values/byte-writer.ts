import type { Integer } from './integers.ts';

/** A growing buffer of bytes; see `ByteReader` for the way back. */
export class ByteWriter {
  #bytes: Buffer;
  #length = 0;

  constructor(capacity = 256) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  get length(): number {
    return this.#length;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + count));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }

  byte(value: number): void {
    if (this.#length === this.#bytes.length) this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** A whole number from 0 to 2^53−1, in 1 to 8 bytes. */
  unsigned(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest & 0x7f) | 0x80;
      rest = rest < 0x8000_0000 ? rest >>> 7 : Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  /**
   * An exact integer. The first byte holds, from the lowest bit, sign, "is a bigint", 5 bits of the magnitude and
   * "more follows" (as `unsigned`); a bigint's magnitude follows as its length and its bytes.
   */
  integer(value: Integer): void {
    const sign = value < 0 ? 1 : 0;
    if (typeof value === 'bigint') {
      this.byte(sign | 2);
      const hex = (sign === 1 ? -value : value).toString(16);
      this.blob(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'));
      return;
    }
    const magnitude = sign === 1 ? -value : value;
    const first = sign | ((magnitude & 0x1f) << 2);
    if (magnitude < 0x20) {
      this.byte(first);
      return;
    }
    this.byte(first | 0x80);
    this.unsigned(Math.floor(magnitude / 0x20));
  }

  float64(value: number): void {
    this.#reserve(8);
    this.#length = this.#bytes.writeDoubleLE(value, this.#length);
  }

  uint32(value: number): void {
    this.#reserve(4);
    this.#length = this.#bytes.writeUInt32LE(value, this.#length);
  }

  /** Overwrites what `uint32` wrote at `position`, when a length is known only afterwards. */
  patchUint32(position: number, value: number): void {
    this.#bytes.writeUInt32LE(value, position);
  }

  /** UTF-8 behind its length. */
  text(value: string): void {
    if (value.length < 64 && this.#shortAscii(value)) return;
    const length = Buffer.byteLength(value);
    this.unsigned(length);
    this.#reserve(length);
    this.#bytes.write(value, this.#length, 'utf8');
    this.#length += length;
  }

  /** Most texts are short and plain, and a call into the runtime costs more than writing them. */
  #shortAscii(value: string): boolean {
    this.#reserve(value.length + 1);
    const start = this.#length + 1;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code >= 0x80) return false;
      this.#bytes[start + i] = code;
    }
    this.#bytes[this.#length] = value.length;
    this.#length = start + value.length;
    return true;
  }

  /** Bytes behind their length. */
  blob(value: Uint8Array): void {
    this.unsigned(value.length);
    this.raw(value);
  }

  /** Bytes without their length. */
  raw(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** A copy of what was written. */
  toBytes(): Uint8Array {
    return Uint8Array.prototype.slice.call(this.#bytes, 0, this.#length);
  }

  /** What was written, valid until the next write or `clear`. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }
}
