import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { LogPosition, LogRecord } from '../../core/ports/event-log.ts';
import type { Instant } from '../../core/values/types.ts';
import { encodeFrame } from './frame.ts';
import { noteFrame, readSegment, type Segment, scanSegment, type TornTail } from './segment.ts';

export interface PartitionLogOptions {
  readonly folder: string;
  readonly partition: number;
  readonly segmentBytes: number;
  /** Wait for the disk before an append resolves. */
  readonly sync: boolean;
  stampArrival(): Instant;
  onTornTail(tail: TornTail): void;
}

/** One partition: segment files named by their first offset, appended to by one writer. */
export interface PartitionLog extends AsyncDisposable {
  readonly endOffset: number;
  append(payloads: readonly Uint8Array[]): Promise<LogPosition[]>;
  read(offset: number, limit: number): Promise<readonly LogRecord[]>;
  /** Resolves when the log goes beyond `offset`, or the signal aborts. */
  waitBeyond(offset: number, signal: AbortSignal): Promise<void>;
}

/** More goes into the next frame: a reader has to take in whole frames. */
const frameBytesLimit = 512 * 1024;

interface PendingAppend {
  readonly payloads: readonly Uint8Array[];
  readonly bytes: number;
  resolve(positions: LogPosition[]): void;
  reject(error: unknown): void;
}

/** Opens a partition and recovers it: a torn last frame is cut off and reported, other damage throws CORRUPT. */
export async function openPartitionLog(options: PartitionLogOptions): Promise<PartitionLog> {
  const { folder, partition, segmentBytes, sync } = options;
  const segments = await listSegments(folder);
  const newest = segments.at(-1)!;
  let handle: FileHandle = await open(newest.file, 'a');
  let lastArrival: Instant;
  try {
    const torn = await scanSegment(newest, true);
    if (torn !== null) {
      await handle.truncate(torn.keptBytes);
      options.onTornTail(torn);
    }
    lastArrival = newest.lastArrival;
    if (newest.endOffset === newest.firstOffset && segments.length > 1) {
      const previous = segments.at(-2)!;
      await scanSegment(previous, false);
      lastArrival = previous.lastArrival;
    }
  } catch (error) {
    await handle.close();
    throw error;
  }

  const pending: PendingAppend[] = [];
  const waiters = new Set<() => void>();
  let flushing: Promise<void> | null = null;
  let failure: AsofError | null = null;

  const current = (): Segment => segments.at(-1)!;

  const startSegment = async (): Promise<void> => {
    const firstOffset = current().endOffset;
    const next = emptySegment(folder, firstOffset);
    const fresh = await open(next.file, 'a');
    if (sync) await syncFolder(folder);
    await handle.close();
    handle = fresh;
    segments.push(next);
  };

  /** Everything that waits goes into one frame: one write and one sync, however many callers. */
  const takeBatch = (): PendingAppend[] => {
    let bytes = 0;
    let count = 0;
    while (count < pending.length && (count === 0 || bytes + pending[count]!.bytes <= frameBytesLimit)) {
      bytes += pending[count]!.bytes;
      count++;
    }
    return pending.splice(0, count);
  };

  const writeBatch = async (batch: readonly PendingAppend[]): Promise<void> => {
    if (current().endBytes >= segmentBytes) await startSegment();
    const segment = current();
    const payloads = batch.flatMap((append) => append.payloads);
    const arrival = Math.max(options.stampArrival(), lastArrival);
    const first = segment.endOffset;
    const frame = encodeFrame(first, arrival, payloads);
    await writeFrame(segment, frame);
    lastArrival = arrival;
    noteFrame(segment, { arrival }, frame.length, payloads.length);
    let offset = first;
    for (const append of batch) append.resolve(append.payloads.map(() => ({ partition, offset: offset++, arrival })));
    for (const wake of [...waiters]) wake();
  };

  const writeFrame = async (segment: Segment, frame: Buffer): Promise<void> => {
    let isSyncing = false;
    try {
      for (let written = 0; written < frame.length; ) {
        written += (await handle.write(frame, written, frame.length - written)).bytesWritten;
      }
      isSyncing = sync;
      if (sync) await handle.datasync();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const refusal = new AsofError(
        'UNAVAILABLE',
        'the event log cannot be written',
        { path: segment.file, got: reason, remedy: 'Free disk space or mend the disk, then send the records again' },
        { cause: error },
      );
      // A part of the frame may be in the file: the next one must not come after it. After a failed sync nobody can
      // know what the disk holds, so the partition stays closed until it is opened, and checked, anew.
      const isCutBack = await handle.truncate(segment.endBytes).then(
        () => true,
        () => false,
      );
      if (isSyncing || !isCutBack) failure = refusal;
      throw refusal;
    }
  };

  const flush = async (): Promise<void> => {
    while (pending.length > 0) {
      const batch = takeBatch();
      try {
        if (failure !== null) throw failure;
        await writeBatch(batch);
      } catch (error) {
        for (const append of batch) append.reject(error);
      }
    }
    flushing = null;
  };

  const enqueue = ({ payloads, bytes }: Pick<PendingAppend, 'payloads' | 'bytes'>): Promise<LogPosition[]> =>
    new Promise((resolve, reject) => {
      pending.push({ payloads, bytes, resolve, reject });
      // Callers of the same turn share the frame.
      flushing ??= Promise.resolve().then(flush);
    });

  const scanned = async (index: number): Promise<Segment> => {
    const segment = segments[index]!;
    if (segment.index === null) await scanSegment(segment, false);
    const next = segments[index + 1];
    if (next !== undefined && next.firstOffset !== segment.endOffset) {
      throw missingRecords(segment.file, segment.endOffset, next.firstOffset);
    }
    return segment;
  };

  return {
    get endOffset() {
      return current().endOffset;
    },
    append: async (payloads) => (await Promise.all(splitByBytes(payloads).map(enqueue))).flat(),
    read: async (offset, limit) => {
      const records: LogRecord[] = [];
      let next = offset;
      while (records.length < limit && next < current().endOffset) {
        const segment = await scanned(segments.findLastIndex(({ firstOffset }) => firstOffset <= next));
        const found = await readSegment(segment, partition, next, limit - records.length);
        records.push(...found);
        next += found.length;
      }
      return records;
    },
    waitBeyond: (offset, signal) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (current().endOffset <= offset && !signal.aborted) return;
          waiters.delete(check);
          signal.removeEventListener('abort', check);
          resolve();
        };
        waiters.add(check);
        signal.addEventListener('abort', check);
        check();
      }),
    [Symbol.asyncDispose]: async () => {
      await flushing;
      await handle.close();
    },
  };
}

function emptySegment(folder: string, firstOffset: number): Segment {
  const file = join(folder, `${String(firstOffset).padStart(16, '0')}.log`);
  return { file, firstOffset, endBytes: 0, endOffset: firstOffset, lastArrival: 0, index: [] };
}

async function listSegments(folder: string): Promise<Segment[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{16}\.log$/.test(name)).sort();
  if (names.length === 0) return [emptySegment(folder, 0)];
  const firstOffset = Number(names[0]!.slice(0, 16));
  if (firstOffset !== 0) throw missingRecords(join(folder, names[0]!), 0, firstOffset);
  return names.map((name) => ({ ...emptySegment(folder, Number(name.slice(0, 16))), index: null }));
}

/** A file's name is in its folder, not in the file: without this a power cut could take a new segment away. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function splitByBytes(payloads: readonly Uint8Array[]): Pick<PendingAppend, 'payloads' | 'bytes'>[] {
  const parts: { payloads: Uint8Array[]; bytes: number }[] = [];
  for (const payload of payloads) {
    const last = parts.at(-1);
    if (last !== undefined && last.bytes + payload.length <= frameBytesLimit) {
      last.payloads.push(payload);
      last.bytes += payload.length;
    } else {
      parts.push({ payloads: [payload], bytes: payload.length });
    }
  }
  return parts;
}

function missingRecords(file: string, from: number, to: number): AsofError {
  return new AsofError('CORRUPT', 'a file of the event log is missing', {
    path: file,
    expected: `the record of offset ${from}`,
    got: `offset ${to}`,
    remedy: 'Restore the missing file from a backup',
  });
}
