/**
 * The bytes with which every value of this stamp begins: its length (u32, little-endian) and itself. No other value
 * begins so, hence a store can compare stamps without taking values apart. `stampOf` in stamp.ts is the way back.
 */
export function stampPrefix(stamp: Uint8Array): Uint8Array {
  const prefix = new Uint8Array(4 + stamp.length);
  new DataView(prefix.buffer).setUint32(0, stamp.length, true);
  prefix.set(stamp, 4);
  return prefix;
}
