import { AsofError } from '../errors/asof-error.ts';

/*
 * Every value in the online store is laid out as
 *
 *   u32, big endian: length of the stamp | stamp | payload
 *
 * The stamp names the state that the value was made from; stores compare it and know nothing else of the value.
 */
export const stampLengthBytes = 4;

/** The stamp of a stored value, as a view into it. Throws CORRUPT for bytes that are no stamped value. */
export function stampOf(value: Uint8Array): Uint8Array {
  const end = stampEnd(value);
  return value.subarray(stampLengthBytes, end);
}

/** What follows the stamp, as a view into the value. Throws CORRUPT for bytes that are no stamped value. */
export function payloadOf(value: Uint8Array): Uint8Array {
  return value.subarray(stampEnd(value));
}

/** A value as online stores keep it. */
export function stampedValue(stamp: Uint8Array, payload: Uint8Array): Uint8Array {
  const value = new Uint8Array(stampLengthBytes + stamp.length + payload.length);
  new DataView(value.buffer).setUint32(0, stamp.length);
  value.set(stamp, stampLengthBytes);
  value.set(payload, stampLengthBytes + stamp.length);
  return value;
}

function stampEnd(value: Uint8Array): number {
  const length =
    value.length < stampLengthBytes ? Number.NaN : new DataView(value.buffer, value.byteOffset).getUint32(0);
  const end = stampLengthBytes + length;
  if (end <= value.length) return end;
  throw new AsofError('CORRUPT', 'a value in the online store is damaged', {
    expected: 'a stamp with its length before it',
    got: `${value.length} bytes${value.length < stampLengthBytes ? '' : `, stamp length ${length}`}`,
    remedy: 'Backfill the view to rebuild its online values',
  });
}
