import { createHash } from 'node:crypto';
import type { Value, ValueType } from '../values/types.ts';

/** Canonical typed text: integers and decimals as digits, instants as milliseconds, text as it is. */
export function canonicalText(type: ValueType, value: Value): string {
  if (type.kind === 'vector' || type.kind === 'list' || type.kind === 'map') {
    throw new TypeError(`values of type ${type.kind} have no canonical text`);
  }
  return String(value);
}

/** The first 8 bytes of the md5 of the canonical text, read big-endian. */
export function hash64(type: ValueType, value: Value): bigint {
  return createHash('md5').update(canonicalText(type, value), 'utf8').digest().readBigUInt64BE(0);
}

const registerBits = 12n;
const restBits = 64n - registerBits;
const registers = 2 ** 12;
const maxRank = Number(restBits) + 1;

/**
 * How many distinct hashes a HyperLogLog with 4,096 registers says there are: the "improved raw estimator" of
 * Otmar Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017), algorithm 6.
 */
export function estimateDistinct(hashes: Iterable<bigint>): number {
  const ranks = new Array<number>(registers).fill(0);
  for (const hash of hashes) {
    const register = Number(hash >> restBits);
    const rest = hash & ((1n << restBits) - 1n);
    // The position of the first 1 bit of the rest, from 1; all zeros: one beyond its length.
    const rank = rest === 0n ? maxRank : Number(restBits) - rest.toString(2).length + 1;
    ranks[register] = Math.max(ranks[register]!, rank);
  }
  const registersOfRank = new Array<number>(maxRank + 1).fill(0);
  for (const rank of ranks) registersOfRank[rank]!++;

  let z = registers * tau(1 - registersOfRank[maxRank]! / registers);
  for (let rank = maxRank - 1; rank >= 1; rank--) z = 0.5 * (z + registersOfRank[rank]!);
  z += registers * sigma(registersOfRank[0]! / registers);
  return Math.round(((0.5 / Math.LN2) * registers * registers) / z);
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
    z -= (1 - x) ** 2 * y;
    if (z === before) return z / 3;
  }
}
