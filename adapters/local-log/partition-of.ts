/** The partition of a key: FNV-1a (32 bits) of its UTF-8 bytes, so that a key keeps its partition for ever. */
export function partitionOf(key: string, partitions: number): number {
  let hash = 0x811c_9dc5;
  for (const byte of Buffer.from(key)) hash = Math.imul(hash ^ byte, 0x0100_0193) >>> 0;
  return hash % partitions;
}
