import { open } from 'node:fs/promises';

/** The last `limit` lines of a file whose lines all end with a line feed, last first; reads no more than they need. */
export async function readLinesBackward(file: string, limit: number, chunkBytes = 64 * 1024): Promise<string[]> {
  const handle = await open(file, 'r').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  });
  if (handle === null) return [];
  try {
    const lines: string[] = [];
    /** Pieces of the line whose beginning has not been reached, last piece first. */
    let pieces: Buffer[] = [];
    let end = (await handle.stat()).size - 1;
    while (end > 0 && lines.length < limit) {
      const start = Math.max(0, end - chunkBytes);
      const chunk = Buffer.alloc(end - start);
      await handle.read(chunk, 0, chunk.length, start);
      let lineEnd = chunk.length;
      for (let feed = chunk.lastIndexOf(10); feed !== -1 && lines.length < limit; ) {
        pieces.push(chunk.subarray(feed + 1, lineEnd));
        lines.push(Buffer.concat(pieces.reverse()).toString());
        pieces = [];
        lineEnd = feed;
        feed = feed === 0 ? -1 : chunk.lastIndexOf(10, feed - 1);
      }
      pieces.push(chunk.subarray(0, lineEnd));
      end = start;
    }
    if (lines.length < limit && pieces.length > 0) lines.push(Buffer.concat(pieces.reverse()).toString());
    return lines;
  } finally {
    await handle.close();
  }
}
