import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { AsofError } from '../../core/errors/asof-error.ts';

/*
 * LMDB maps its file into memory and trusts it: a file that is not LMDB's, or one that was cut off, ends the whole
 * process with a signal instead of an error. So the two meta pages are looked at before it is opened. Each begins with
 * a page header; then (little endian): magic u32, version u32, 16 bytes, two tree records of 48 bytes, of which the
 * first begins with the page size u32, last page u64, transaction u64.
 */
const metaOffset = 24;
const magic = 0xbeef_c0de;
const pageSizeOffset = metaOffset + 24;
const lastPageOffset = metaOffset + 24 + 2 * 48;
const transactionOffset = lastPageOffset + 8;
const metaBytes = transactionOffset + 8;

interface Meta {
  readonly pageBytes: number;
  readonly lastPage: number;
  readonly transaction: bigint;
}

/**
 * Throws CORRUPT for a file that LMDB did not write. A file shorter than its last page is filled up with zeros, which
 * turns a fatal signal into errors that can be caught; `isCut` says so, and the caller then walks the whole tree. (It
 * need not be damage: LMDB does not write free pages at the end.)
 */
export function checkLmdbFile(path: string): { readonly isCut: boolean } {
  if (!existsSync(path)) return { isCut: false };
  const descriptor = openSync(path, 'r+');
  try {
    const fileBytes = fstatSync(descriptor).size;
    if (fileBytes === 0) return { isCut: false };
    const first = readMeta(descriptor, 0, path, fileBytes);
    const second = readMeta(descriptor, first.pageBytes, path, fileBytes);
    const newest = second.transaction > first.transaction ? second : first;
    const neededBytes = (newest.lastPage + 1) * newest.pageBytes;
    if (fileBytes >= neededBytes) return { isCut: false };
    ftruncateSync(descriptor, neededBytes);
    return { isCut: true };
  } finally {
    closeSync(descriptor);
  }
}

function readMeta(descriptor: number, position: number, path: string, fileBytes: number): Meta {
  const page = Buffer.alloc(metaBytes);
  const read = readSync(descriptor, page, 0, metaBytes, position);
  const pageBytes = page.readUInt32LE(pageSizeOffset);
  const lastPage = Number(page.readBigUInt64LE(lastPageOffset));
  if (
    read < metaBytes ||
    page.readUInt32LE(metaOffset) !== magic ||
    pageBytes < 512 ||
    pageBytes > 65_536 ||
    !Number.isSafeInteger(lastPage * pageBytes)
  ) {
    throw damagedFile(path, `${fileBytes} bytes without a valid meta page at byte ${position}`);
  }
  return { pageBytes, lastPage, transaction: page.readBigUInt64LE(transactionOffset) };
}

export function damagedFile(path: string, got: string, cause?: unknown): AsofError {
  return new AsofError(
    'CORRUPT',
    'the online store cannot be opened',
    {
      path,
      expected: 'a whole file that LMDB wrote',
      got,
      remedy:
        'Move the file away and backfill, which rebuilds it from history; if it is whole, check that it may be written',
    },
    { cause },
  );
}
