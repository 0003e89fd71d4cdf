import { hash } from 'node:crypto';
import { canonicalText } from './canonical-text.ts';
import type { Value, ValueType } from './types.ts';

/** The first 8 bytes of the md5 of the canonical typed text, as 8 Latin-1 characters. */
export function stableHash(type: ValueType, value: Exclude<Value, null>): string {
  return hash('md5', canonicalText(type, value), 'binary').slice(0, 8);
}

/** A stable hash, read as an unsigned big-endian integer, modulo `buckets` (at most 2^31). */
export function bucketOf(hashed: string, buckets: number): number {
  let rest = 0;
  // The rest stays below 2^31 and takes 8 bits more each time: exact in a double.
  for (let i = 0; i < 8; i++) rest = (rest * 256 + hashed.charCodeAt(i)) % buckets;
  return rest;
}
