/** A Redis Cluster's key space: slots, each of them on one master. */
export const slotCount = 16_384;

/** The slot of a key as every node of a cluster computes it: CRC16 (XMODEM) of its hash tag, or of all of it. */
export function slotOf(key: string): number {
  return crc16(Buffer.from(hashTagOf(key))) % slotCount;
}

/**
 * Hash tags whose slots lie evenly over all slots, so that every master has its share however many there are: the
 * smallest number for each of `count` equal ranges.
 */
export function evenShards(count: number): readonly string[] {
  const shards: string[] = [];
  for (let number = 0, found = 0; found < count; number++) {
    const range = Math.floor((slotOf(String(number)) * count) / slotCount);
    if (shards[range] !== undefined) continue;
    shards[range] = String(number);
    found++;
  }
  return shards;
}

function hashTagOf(key: string): string {
  const start = key.indexOf('{');
  const end = start < 0 ? -1 : key.indexOf('}', start + 1);
  return end > start + 1 ? key.slice(start + 1, end) : key;
}

function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) crc = ((crc << 8) & 0xffff) ^ crcTable[(crc >>> 8) ^ byte]!;
  return crc;
}

const crcTable = Uint16Array.from({ length: 256 }, (_, index) => {
  let crc = index << 8;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021;
  return crc & 0xffff;
});
