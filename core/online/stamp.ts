import type { CompiledView } from '../definitions/compiled.ts';
import { AsofError } from '../errors/asof-error.ts';
import { ByteReader } from '../values/byte-reader.ts';
import { ByteWriter } from '../values/byte-writer.ts';

/*
 * Every stored value: [u32 length of the stamp, little-endian][stamp][u32 fingerprint][body].
 * The stamp names the state: two states of one key with equal stamps are the same. compareAndSet compares it.
 */

/** Raised when the stamp or the body of a kind of view gets another layout. */
const formatVersions = { rows: 1, aggregate: 2 } as const;

function stampLength(value: Uint8Array): number {
  const length = (value[0]! | (value[1]! << 8) | (value[2]! << 16) | (value[3]! << 24)) >>> 0;
  if (4 + length <= value.length) return length;
  throw new AsofError('CORRUPT', 'a stored value is shorter than its stamp', {
    remedy: 'Backfill the feature view to write it anew.',
  });
}

/** The stamp of a stored value, a view of its bytes. */
export function stampOf(value: Uint8Array): Uint8Array {
  return value.subarray(4, 4 + stampLength(value));
}

/** A reader that stands at the stamp. */
export function openStamp(value: Uint8Array): ByteReader {
  return new ByteReader(value, 4, 4 + stampLength(value));
}

/** The whole number that a stamp begins with; quicker than a reader, for every read looks at it. */
export function firstOfStamp(value: Uint8Array): number {
  const end = 4 + stampLength(value);
  let number = 0;
  let factor = 1;
  for (let position = 4; position < end; position++) {
    const byte = value[position]!;
    number += (byte & 0x7f) * factor;
    if (byte < 0x80) return number;
    factor *= 0x80;
  }
  // Says what is wrong with it.
  return openStamp(value).unsigned();
}

/** Where the fingerprint stands in a stored value. */
export function bodyStart(value: Uint8Array): number {
  return 4 + stampLength(value);
}

export function assemble(view: CompiledView, stamp: Uint8Array, body: Uint8Array): Uint8Array {
  const out = new ByteWriter(stamp.length + body.length + 8);
  out.uint32(stamp.length);
  out.raw(stamp);
  out.uint32(fingerprintOf(view));
  out.raw(body);
  return out.toBytes();
}

/**
 * Stands `input` behind the fingerprint, which whoever reads many values of the view has at hand.
 *
 * @throws AsofError CORRUPT when the value was written by another definition or format than this view's
 */
export function openBody<R extends ByteReader>(view: CompiledView, input: R, expected = fingerprintOf(view)): R {
  const found = input.uint32();
  if (found === expected) return input;
  throw new AsofError('CORRUPT', 'a stored value was written by another definition or format', {
    path: `${view.name} version ${view.version}`,
    expected: `fingerprint ${expected}`,
    got: `${found}`,
    remedy: 'Backfill the feature view.',
  });
}

const fingerprints = new WeakMap<CompiledView, number>();

/** FNV-1a of the format and the view's hash: 32 bits against values of another layout. */
export function fingerprintOf(view: CompiledView): number {
  let fingerprint = fingerprints.get(view);
  if (fingerprint === undefined) {
    fingerprint = 0x811c_9dc5;
    for (const byte of Buffer.from(`${formatVersions[view.kind]}:${view.hash}`)) {
      fingerprint = Math.imul(fingerprint ^ byte, 0x0100_0193) >>> 0;
    }
    fingerprints.set(view, fingerprint);
  }
  return fingerprint;
}
