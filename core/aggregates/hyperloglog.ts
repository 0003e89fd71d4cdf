import type { ByteReader } from '../values/byte-reader.ts';
import type { ByteWriter } from '../values/byte-writer.ts';

const registerCount = 4096;
/** The 52 bits behind the register's 12, all zero, rank one beyond their number. */
const maxRank = 53;
/** More registers than this are kept, and written, as one byte each. */
const sparseLimit = 512;

/** HyperLogLog, p = 12: per register the greatest rank seen. A hash is 8 bytes as a text of 8 Latin-1 characters. */
export class HyperLogLog {
  #sparse: Map<number, number> | null = new Map();
  #dense: Uint8Array | null = null;

  add(hash: string): void {
    const register = (hash.charCodeAt(0) << 4) | (hash.charCodeAt(1) >> 4);
    this.#raise(register, rankOf(hash));
  }

  #raise(register: number, rank: number): void {
    if (this.#dense !== null) {
      if (this.#dense[register]! < rank) this.#dense[register] = rank;
      return;
    }
    const sparse = this.#sparse!;
    if ((sparse.get(register) ?? 0) >= rank) return;
    sparse.set(register, rank);
    if (sparse.size > sparseLimit) {
      this.#dense = new Uint8Array(registerCount);
      for (const [index, value] of sparse) this.#dense[index] = value;
      this.#sparse = null;
    }
  }

  merge(from: HyperLogLog): void {
    for (const [register, rank] of from.#sparse ?? from.#dense!.entries()) {
      if (rank > 0) this.#raise(register, rank);
    }
  }

  get isEmpty(): boolean {
    return this.#sparse !== null && this.#sparse.size === 0;
  }

  /** Otmar Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017), algorithm 6, rounded. */
  estimate(): number {
    const multiplicity = new Array<number>(maxRank + 1).fill(0);
    if (this.#sparse !== null) {
      for (const rank of this.#sparse.values()) multiplicity[rank]!++;
      multiplicity[0] = registerCount - this.#sparse.size;
    } else for (const rank of this.#dense!) multiplicity[rank]!++;
    let z = registerCount * tau(1 - multiplicity[maxRank]! / registerCount);
    for (let rank = maxRank - 1; rank >= 1; rank--) z = 0.5 * (z + multiplicity[rank]!);
    z += registerCount * sigma(multiplicity[0]! / registerCount);
    return Math.round(((0.5 / Math.LN2) * registerCount * registerCount) / z);
  }

  /** The number of non-zero registers and each with its rank, ascending; beyond the sparse limit all 4,096 bytes. */
  write(out: ByteWriter): void {
    if (this.#dense !== null) {
      out.unsigned(sparseLimit + 1);
      out.raw(this.#dense);
      return;
    }
    out.unsigned(this.#sparse!.size);
    for (const [register, rank] of [...this.#sparse!].sort(([a], [b]) => a - b)) {
      out.unsigned(register);
      out.byte(rank);
    }
  }

  static read(input: ByteReader): HyperLogLog {
    const sketch = new HyperLogLog();
    const count = input.unsigned();
    if (count > sparseLimit) {
      sketch.#sparse = null;
      sketch.#dense = Uint8Array.from(input.raw(registerCount));
    } else for (let i = 0; i < count; i++) sketch.#sparse!.set(input.unsigned(), input.byte());
    return sketch;
  }

  static skip(input: ByteReader): void {
    const count = input.unsigned();
    if (count > sparseLimit) input.skip(registerCount);
    else
      for (let i = 0; i < count; i++) {
        input.unsigned();
        input.skip(1);
      }
  }
}

/** The position, from 1, of the first 1 bit behind the register's 12 bits. */
function rankOf(hash: string): number {
  let rank = 1;
  let bits = hash.charCodeAt(1) & 0x0f;
  let width = 4;
  for (let i = 2; bits === 0 && i <= 8; i++) {
    rank += width;
    if (i === 8) return maxRank;
    bits = hash.charCodeAt(i);
    width = 8;
  }
  return rank + Math.clz32(bits) - (32 - width);
}

function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY;
  let x = share;
  let y = 1;
  let z = share;
  for (;;) {
    x *= x;
    const before = z;
    z += x * y;
    y += y;
    if (z === before) return z;
  }
}

function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let x = share;
  let y = 1;
  let z = 1 - share;
  for (;;) {
    x = Math.sqrt(x);
    const before = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
    if (z === before) return z / 3;
  }
}
