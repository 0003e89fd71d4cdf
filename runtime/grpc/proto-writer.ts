import type { Integer } from '../../core/values/integers.ts';

/** Writes Protocol Buffers (https://protobuf.dev/programming-guides/encoding). Tags are given whole: number · 8 + wire type. */
export class ProtoWriter {
  #bytes: Buffer;
  #length = 0;

  constructor(capacity = 1_024) {
    this.#bytes = Buffer.allocUnsafeSlow(capacity);
  }

  get length(): number {
    return this.#length;
  }

  reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#length + count));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }

  /** A whole number from 0 to 2^32−1: tags, lengths, enums, booleans. */
  uint32(value: number): void {
    this.reserve(5);
    const bytes = this.#bytes;
    let rest = value;
    while (rest > 0x7f) {
      bytes[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[this.#length++] = rest;
  }

  /** int32 and int64 alike, in two's complement of 64 bits. */
  int64(value: Integer): void {
    if (typeof value === 'number' && value >= 0 && value <= 0xffff_ffff) this.uint32(value);
    else this.#varint(...halves(value));
  }

  #varint(lowHalf: number, highHalf: number): void {
    this.reserve(10);
    const bytes = this.#bytes;
    let [low, high] = [lowHalf, highHalf];
    while (high > 0) {
      bytes[this.#length++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.uint32(low);
  }

  double(value: number): void {
    this.reserve(8);
    this.#length = this.#bytes.writeDoubleLE(value, this.#length);
  }

  float(value: number): void {
    this.reserve(4);
    this.#length = this.#bytes.writeFloatLE(value, this.#length);
  }

  /** UTF-8 behind its length. */
  string(value: string): void {
    if (value.length < 64 && this.#shortAscii(value)) return;
    const length = Buffer.byteLength(value);
    this.uint32(length);
    this.reserve(length);
    this.#bytes.write(value, this.#length, 'utf8');
    this.#length += length;
  }

  /** Most texts are short and plain, and a call into the runtime costs more than writing them. */
  #shortAscii(value: string): boolean {
    this.reserve(value.length + 1);
    const bytes = this.#bytes;
    const start = this.#length + 1;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code >= 0x80) return false;
      bytes[start + i] = code;
    }
    bytes[this.#length] = value.length;
    this.#length = start + value.length;
    return true;
  }

  /** Bytes behind their length. */
  bytes(value: Uint8Array): void {
    this.uint32(value.length);
    this.raw(value);
  }

  /** Bytes as they are: fields that are encoded already. */
  raw(value: Uint8Array): void {
    const count = value.length;
    this.reserve(count);
    const bytes = this.#bytes;
    const start = this.#length;
    // A call into the runtime costs more than copying a few.
    if (count > 48) bytes.set(value, start);
    else for (let i = 0; i < count; i++) bytes[start + i] = value[i]!;
    this.#length = start + count;
  }

  /** Begins something whose length comes first; `end` takes what this returns. */
  begin(): number {
    this.reserve(1);
    return this.#length++;
  }

  end(begun: number): void {
    const size = this.#length - begun - 1;
    if (size < 0x80) {
      this.#bytes[begun] = size;
      return;
    }
    const more = size < 0x4000 ? 1 : size < 0x20_0000 ? 2 : size < 0x1000_0000 ? 3 : 4;
    this.reserve(more);
    this.#bytes.copyWithin(begun + 1 + more, begun + 1, this.#length);
    const end = this.#length + more;
    this.#length = begun;
    this.uint32(size);
    this.#length = end;
  }

  /** Two at once, the inner one within the outer and ending with it. */
  endBoth(outer: number, inner: number): void {
    if (this.#length - outer - 1 < 0x80) {
      this.#bytes[outer] = this.#length - outer - 1;
      this.#bytes[inner] = this.#length - inner - 1;
      return;
    }
    this.end(inner);
    this.end(outer);
  }

  /** A copy of what was written. */
  toBytes(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#length));
  }

  clear(): void {
    this.#length = 0;
  }
}

/** The low and the high 32 bits, without sign. */
function halves(value: Integer): readonly [number, number] {
  if (typeof value === 'number') {
    const high = Math.floor(value / 0x1_0000_0000);
    return [value - high * 0x1_0000_0000, high >>> 0];
  }
  const bits = BigInt.asUintN(64, value);
  return [Number(bits & 0xffff_ffffn), Number(bits >> 32n)];
}
