import { crc32 } from 'node:zlib';
import type { LogRecord } from '../../core/ports/event-log.ts';

/*
 * A segment file is a sequence of frames; a frame holds what one write brought (little endian):
 *
 *   magic u32 | crc of the next 24 bytes u32 | crc of the body u32 | body length u32 | first offset u64 | arrival f64 |
 *   body: per record, payload length u32, payload
 *
 * A frame is written, and synced, before the next one begins, so only the last can be torn. Its header has a crc of its
 * own: a damaged length is never mistaken for a frame that was cut off.
 */
export const headerBytes = 32;
const magic = 0x0af0_10c5;

export interface Frame {
  readonly firstOffset: number;
  /** The records' arrival; one for the whole frame. */
  readonly arrival: number;
  readonly bodyBytes: number;
  readonly bodyCrc: number;
}

export function encodeFrame(firstOffset: number, arrival: number, payloads: readonly Uint8Array[]): Buffer {
  const bodyBytes = payloads.reduce((sum, payload) => sum + 4 + payload.length, 0);
  const frame = Buffer.allocUnsafe(headerBytes + bodyBytes);
  let position = headerBytes;
  for (const payload of payloads) {
    frame.writeUInt32LE(payload.length, position);
    frame.set(payload, position + 4);
    position += 4 + payload.length;
  }
  frame.writeUInt32LE(magic, 0);
  frame.writeUInt32LE(crc32(frame.subarray(headerBytes)), 8);
  frame.writeUInt32LE(bodyBytes, 12);
  frame.writeBigUInt64LE(BigInt(firstOffset), 16);
  frame.writeDoubleLE(arrival, 24);
  frame.writeUInt32LE(crc32(frame.subarray(8, headerBytes)), 4);
  return frame;
}

/** The header at `position`, or null when these bytes are none. */
export function decodeHeader(bytes: Buffer, position: number): Frame | null {
  if (position + headerBytes > bytes.length || bytes.readUInt32LE(position) !== magic) return null;
  if (bytes.readUInt32LE(position + 4) !== crc32(bytes.subarray(position + 8, position + headerBytes))) return null;
  return {
    bodyCrc: bytes.readUInt32LE(position + 8),
    bodyBytes: bytes.readUInt32LE(position + 12),
    firstOffset: Number(bytes.readBigUInt64LE(position + 16)),
    arrival: bytes.readDoubleLE(position + 24),
  };
}

/** Whether these are the bytes that the frame's header was written with. */
export function isWholeBody(frame: Frame, body: Uint8Array): boolean {
  return body.length === frame.bodyBytes && crc32(body) === frame.bodyCrc;
}

/** A checked body's records, as views into it. */
export function decodeBody(frame: Frame, body: Buffer, partition: number): LogRecord[] {
  const records: LogRecord[] = [];
  for (let position = 0; position < body.length; ) {
    const end = position + 4 + body.readUInt32LE(position);
    records.push({
      partition,
      offset: frame.firstOffset + records.length,
      arrival: frame.arrival,
      payload: body.subarray(position + 4, end),
    });
    position = end;
  }
  return records;
}
