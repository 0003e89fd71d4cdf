import { createHash } from 'node:crypto';

/*
 * LMDB takes keys of up to 1978 bytes. A key of up to `longestPlainKeyBytes` is stored as its UTF-8 bytes; a longer one
 * as its first `longestPlainKeyBytes` bytes and the 32 bytes of the SHA-256 of all of it. The two never meet, since
 * one is always longer than the other; and a prefix scan finds both.
 */
export const longestPlainKeyBytes = 1_900;

export interface StoredKey {
  readonly bytes: Buffer;
  /** The stored bytes do not hold the whole key. */
  readonly isCut: boolean;
}

export function storedKey(key: string): StoredKey {
  const bytes = Buffer.from(key);
  if (bytes.length <= longestPlainKeyBytes) return { bytes, isCut: false };
  const digest = createHash('sha256').update(bytes).digest();
  return { bytes: Buffer.concat([bytes.subarray(0, longestPlainKeyBytes), digest]), isCut: true };
}

/** Whether a stored key was cut, by its length. */
export function isCutKey(bytes: Uint8Array): boolean {
  return bytes.length > longestPlainKeyBytes;
}
