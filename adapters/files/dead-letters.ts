import { mkdirSync } from 'node:fs';
import { appendFile, open, readdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { DeadLetter, DeadLetters } from '../../core/ports/dead-letters.ts';
import { readLinesBackward } from './read-lines-backward.ts';

const payloadBytesLimit = 64 * 1024;

/** The letters of one source. */
interface Box {
  readonly file: string;
  count: number;
  /** The file's size: where a line that could not be written whole is cut off. */
  bytes: number;
  /** Writes one after another. */
  queue: Promise<void>;
}

/**
 * Dead letters as `<source>.ndjson`, one letter a line, so that any text tool reads them. All are kept. A line that was
 * not written whole (`kill -9`) is cut off at the next opening; its `put` had not resolved.
 */
export function createFileDeadLetters({ folder }: { readonly folder: string }): DeadLetters {
  mkdirSync(folder, { recursive: true });
  let opening: Promise<Map<string, Box>> | null = null;
  const boxes = (): Promise<Map<string, Box>> => {
    opening ??= openBoxes(folder).catch((error: unknown) => {
      opening = null;
      throw error;
    });
    return opening;
  };

  const putInto = (box: Box, letters: readonly DeadLetter[]): Promise<void> => {
    const lines = letters
      .map(({ original: _original, ...letter }) => `${JSON.stringify({ ...letter, payload: cut(letter.payload) })}\n`)
      .join('');
    const written = box.queue.then(async () => {
      try {
        await appendFile(box.file, lines);
      } catch (error) {
        await truncate(box.file, box.bytes).catch(() => {});
        throw error;
      }
      box.bytes += Buffer.byteLength(lines);
      box.count += letters.length;
    });
    box.queue = written.catch(() => {});
    return written;
  };

  return {
    put: async (letters) => {
      const all = await boxes();
      const bySource = new Map<string, DeadLetter[]>();
      for (const letter of letters) {
        const own = bySource.get(letter.source) ?? [];
        own.push(letter);
        bySource.set(letter.source, own);
      }
      const puts = [...bySource].map(([source, own]) => {
        const box = all.get(source) ?? {
          file: join(folder, fileName(source)),
          count: 0,
          bytes: 0,
          queue: Promise.resolve(),
        };
        all.set(source, box);
        return putInto(box, own);
      });
      await Promise.all(puts);
    },
    counts: async () =>
      new Map([...(await boxes())].filter(([, { count }]) => count > 0).map(([source, { count }]) => [source, count])),
    list: async (source, limit) => {
      const box = (await boxes()).get(source);
      if (box === undefined) return [];
      await box.queue;
      return (await readLinesBackward(box.file, limit)).map((line, index) => parseLetter(line, box.file, index));
    },
    [Symbol.asyncDispose]: async () => {
      if (opening === null) return;
      await Promise.all([...(await opening).values()].map(({ queue }) => queue));
    },
  };
}

async function openBoxes(folder: string): Promise<Map<string, Box>> {
  const boxes = new Map<string, Box>();
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.ndjson')) continue;
    const file = join(folder, name);
    const { lines, wholeBytes, bytes } = await countLines(file);
    if (wholeBytes < bytes) await truncate(file, wholeBytes);
    boxes.set(decodeURIComponent(name.slice(0, -'.ndjson'.length)), {
      file,
      count: lines,
      bytes: wholeBytes,
      queue: Promise.resolve(),
    });
  }
  return boxes;
}

/** Lines that end, and where the last of them does. */
async function countLines(file: string): Promise<{ lines: number; wholeBytes: number; bytes: number }> {
  const handle = await open(file, 'r');
  try {
    const chunk = Buffer.allocUnsafe(1024 * 1024);
    let [lines, wholeBytes, bytes] = [0, 0, 0];
    for (;;) {
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, bytes);
      if (bytesRead === 0) return { lines, wholeBytes, bytes };
      const view = chunk.subarray(0, bytesRead);
      for (let at = view.indexOf(10); at !== -1; at = view.indexOf(10, at + 1)) {
        lines++;
        wholeBytes = bytes + at + 1;
      }
      bytes += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

/** A source's name as a file's: all but A–Z a–z 0–9 _ - is written as %XX, so it can name no other folder. */
function fileName(source: string): string {
  const encoded = encodeURIComponent(source).replace(
    /[.!~*'()]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  if (encoded.length > 0 && encoded.length <= 200) return `${encoded}.ndjson`;
  throw new AsofError('BAD_INPUT', 'the source’s name cannot name a file', {
    path: 'source',
    expected: '1 to 200 characters',
    got: JSON.stringify(source.slice(0, 220)),
  });
}

/** At most 64 KiB of UTF-8, cut between characters. */
function cut(payload: string): string {
  const bytes = Buffer.from(payload);
  if (bytes.length <= payloadBytesLimit) return payload;
  let end = payloadBytesLimit;
  // 10xxxxxx continues a character.
  while ((bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}

function parseLetter(line: string, file: string, fromEnd: number): DeadLetter {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new AsofError(
      'CORRUPT',
      `line ${fromEnd + 1} from the end of the dead letters is damaged`,
      {
        path: file,
        expected: 'a JSON object',
        got: JSON.stringify(line.slice(0, 80)),
        remedy:
          'Remove that line, or move the file away: dead letters are kept for people, nothing is computed from them',
      },
      { cause: error },
    );
  }
}
