import { type FileHandle, open } from 'node:fs/promises';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { LogRecord } from '../../core/ports/event-log.ts';
import { decodeBody, decodeHeader, type Frame, headerBytes, isWholeBody } from './frame.ts';

/** Bytes between two remembered frames: how much a read may have to skip. */
const indexStepBytes = 64 * 1024;
const scanChunkBytes = 4 * 1024 * 1024;

/** One file of a partition: frames from `firstOffset` on. */
export interface Segment {
  readonly file: string;
  readonly firstOffset: number;
  /** Where whole frames end; what lies beyond is not there. */
  endBytes: number;
  /** The offset after the last record. */
  endOffset: number;
  /** The arrival of the last record; 0 when empty. */
  lastArrival: number;
  /** Ascending places of some frames. Null: not scanned yet. */
  index: { readonly offset: number; readonly position: number }[] | null;
}

export interface TornTail {
  readonly file: string;
  readonly keptBytes: number;
  readonly cutBytes: number;
}

/**
 * Reads a segment's frames, checks them and fills in its index and ends. With `mayBeTorn` (the newest segment) a last
 * frame that was not written whole is left out and reported; everything else that is not a frame throws CORRUPT.
 */
export async function scanSegment(segment: Segment, mayBeTorn: boolean): Promise<TornTail | null> {
  const handle = await open(segment.file, 'r');
  try {
    const { size } = await handle.stat();
    const index: { offset: number; position: number }[] = [];
    let position = 0;
    let offset = segment.firstOffset;
    let arrival = 0;
    let torn = false;
    let chunk: Buffer = Buffer.alloc(0);
    let chunkStart = 0;
    /** A view of the file's bytes, read in big pieces. */
    const bytesAt = async (from: number, length: number): Promise<Buffer> => {
      if (from < chunkStart || from + length > chunkStart + chunk.length) {
        chunkStart = from;
        chunk = await readBytes(handle, from, Math.min(size - from, Math.max(length, scanChunkBytes)));
      }
      return chunk.subarray(from - chunkStart, from - chunkStart + length);
    };
    while (position < size) {
      const left = size - position;
      const header = await bytesAt(position, Math.min(headerBytes, left));
      const frame = decodeHeader(header, 0);
      if (frame === null) {
        // A killed process leaves the beginning of a frame; a power cut may leave zeros where bytes should be.
        torn = mayBeTorn && (left < headerBytes || (await isZero(bytesAt, position, left)));
        if (torn) break;
        throw damage(segment.file, position, left < headerBytes ? `${left} bytes` : 'other bytes', 'a frame’s header');
      }
      if (frame.firstOffset !== offset) {
        throw damage(segment.file, position, `offset ${frame.firstOffset}`, `offset ${offset}`);
      }
      const end = position + headerBytes + frame.bodyBytes;
      if (end > size) {
        torn = mayBeTorn;
        if (torn) break;
        throw damage(segment.file, position, `${left} bytes`, `a frame of ${headerBytes + frame.bodyBytes} bytes`);
      }
      const body = await bytesAt(position + headerBytes, frame.bodyBytes);
      if (!isWholeBody(frame, body)) {
        const endBytes = Math.min(frame.bodyBytes, 512);
        torn = mayBeTorn && end === size && (await isZero(bytesAt, end - endBytes, endBytes));
        if (torn) break;
        throw damage(segment.file, position, 'a body with another checksum', 'the records that were written');
      }
      const last = index.at(-1);
      if (last === undefined || position - last.position >= indexStepBytes) index.push({ offset, position });
      offset += countRecords(body);
      arrival = frame.arrival;
      position = end;
    }
    segment.index = index;
    segment.endBytes = position;
    segment.endOffset = offset;
    segment.lastArrival = arrival;
    return torn ? { file: segment.file, keptBytes: position, cutBytes: size - position } : null;
  } finally {
    await handle.close();
  }
}

/** Up to `limit` records from `offset` on. The segment is scanned. */
export async function readSegment(
  segment: Segment,
  partition: number,
  offset: number,
  limit: number,
): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  let position = segment.index!.findLast((entry) => entry.offset <= offset)?.position ?? 0;
  const { endBytes, file } = segment;
  const handle = await open(file, 'r');
  try {
    let chunk: Buffer = Buffer.alloc(0);
    let chunkStart = position;
    while (position < endBytes && records.length < limit) {
      const inChunk = position - chunkStart;
      const frame = decodeHeader(chunk, inChunk);
      const frameBytes = frame === null ? headerBytes : headerBytes + frame.bodyBytes;
      if (frame === null || inChunk + frameBytes > chunk.length) {
        if (frame === null && chunkStart === position && chunk.length >= headerBytes) {
          throw damage(file, position, 'other bytes', 'a frame’s header');
        }
        const wanted = Math.min(endBytes - position, Math.max(frameBytes, indexStepBytes * 4));
        if (chunkStart === position && chunk.length >= wanted) {
          throw damage(file, position, `${wanted} bytes`, `a frame of ${frameBytes} bytes`);
        }
        chunk = await readBytes(handle, position, wanted);
        chunkStart = position;
        continue;
      }
      const body = chunk.subarray(inChunk + headerBytes, inChunk + frameBytes);
      position += frameBytes;
      if (!isWholeBody(frame, body)) {
        throw damage(file, position - frameBytes, 'a body with another checksum', 'the records that were written');
      }
      for (const record of decodeBody(frame, body, partition)) {
        if (record.offset >= offset && records.length < limit) records.push(record);
      }
    }
  } finally {
    await handle.close();
  }
  return records;
}

/** Notes a frame that was just written at the end. */
export function noteFrame(segment: Segment, frame: Pick<Frame, 'arrival'>, frameBytes: number, records: number): void {
  const last = segment.index!.at(-1);
  if (last === undefined || segment.endBytes - last.position >= indexStepBytes) {
    segment.index!.push({ offset: segment.endOffset, position: segment.endBytes });
  }
  segment.endBytes += frameBytes;
  segment.endOffset += records;
  segment.lastArrival = frame.arrival;
}

async function readBytes(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

async function isZero(
  bytesAt: (from: number, length: number) => Promise<Buffer>,
  from: number,
  length: number,
): Promise<boolean> {
  for (let done = 0; done < length; done += scanChunkBytes) {
    const bytes = await bytesAt(from + done, Math.min(scanChunkBytes, length - done));
    if (bytes.some((byte) => byte !== 0)) return false;
  }
  return true;
}

function countRecords(body: Buffer): number {
  let count = 0;
  for (let position = 0; position < body.length; position += 4 + body.readUInt32LE(position)) count++;
  return count;
}

function damage(file: string, position: number, got: string, expected: string): AsofError {
  return new AsofError('CORRUPT', `the event log is damaged at byte ${position}`, {
    path: file,
    expected,
    got,
    remedy:
      `Restore the file from a backup. If the machine lost power while writing and this is the newest file, ` +
      `what was confirmed ends there: truncate -s ${position} ${file}`,
  });
}
