import { isUtf8 } from 'node:buffer';
import { AsofError } from '../../core/errors/asof-error.ts';
import { type Integer, toInteger } from '../../core/values/integers.ts';

/** Messages within one another. */
const deepest = 64;

/** Reads Protocol Buffers; see `ProtoWriter` for the way there. Everything it throws is BAD_INPUT. */
export class ProtoReader {
  readonly #bytes: Buffer;
  #position = 0;
  #end: number;
  #depth = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = bytes.length;
  }

  /** The next tag of this message; 0 = it ends here. */
  tag(): number {
    if (this.#position >= this.#end) return 0;
    const tag = this.uint32();
    if (tag >>> 3 === 0) throw unreadable('a field with number 0');
    return tag;
  }

  uint32(): number {
    const [low] = this.#varint();
    return low;
  }

  /** The low and the high 32 bits, without sign. */
  #varint(): readonly [number, number] {
    let [low, high] = [0, 0];
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.#position >= this.#end) throw unreadable('a number that breaks off');
      const byte = this.#bytes[this.#position++]!;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high |= bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) return [low >>> 0, high >>> 0];
    }
    throw unreadable('a number of more than ten bytes');
  }

  int64(): Integer {
    const [low, high] = this.#varint();
    if (high < 0x20_0000) return high * 0x1_0000_0000 + low;
    return toInteger(BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low)));
  }

  int32(): number {
    return this.uint32() | 0;
  }

  bool(): boolean {
    const [low, high] = this.#varint();
    return low !== 0 || high !== 0;
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#take(8));
  }

  float(): number {
    return this.#bytes.readFloatLE(this.#take(4));
  }

  string(): string {
    const length = this.uint32();
    const start = this.#take(length);
    const text = this.#bytes.toString('utf8', start, start + length);
    if (text.includes('\ufffd') && !isUtf8(this.#bytes.subarray(start, start + length))) {
      throw unreadable('text that is not UTF-8');
    }
    return text;
  }

  bytes(): Buffer {
    const length = this.uint32();
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** Reads what stands behind its length, as a message or as packed numbers, to its end. */
  within<T>(read: (input: ProtoReader) => T): T {
    const length = this.uint32();
    const start = this.#take(length);
    const outer = this.#end;
    if (++this.#depth > deepest) throw unreadable(`messages within one another, more than ${deepest}`);
    this.#position = start;
    this.#end = start + length;
    const value = read(this);
    this.#position = this.#end;
    this.#end = outer;
    this.#depth--;
    return value;
  }

  /** Whether this message, or these packed numbers, go on. */
  get hasMore(): boolean {
    return this.#position < this.#end;
  }

  /** Passes over a field that this release does not know. */
  skip(tag: number): void {
    switch (tag & 7) {
      case 0:
        this.#varint();
        return;
      case 1:
        this.#take(8);
        return;
      case 2:
        this.#take(this.uint32());
        return;
      case 5:
        this.#take(4);
        return;
      default:
        throw unreadable(`the wire type ${tag & 7}`);
    }
  }

  /** Where so many bytes begin, which are passed over. */
  #take(count: number): number {
    const start = this.#position;
    if (count > this.#end - start) throw unreadable('a field that breaks off');
    this.#position = start + count;
    return start;
  }
}

function unreadable(got: string): AsofError {
  return new AsofError('BAD_INPUT', 'the message is not readable', {
    expected: 'Protocol Buffers as the .proto declares them',
    got,
  });
}
