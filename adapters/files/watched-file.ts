import { open } from 'node:fs/promises';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';

export interface FileText {
  readonly text: string;
  /** The file's mode where others may read it than who needs to, as in `0644`; else null. Always null on Windows. */
  readonly looseMode: string | null;
}

/** A small file, of secrets for example, that operators replace while the process runs. */
export interface WatchedFile extends AsyncDisposable {
  /** As it was at the start. */
  readonly first: FileText;
  /** Reads it now and then from here on: closing ends that. */
  follow(listener: WatchedFileListener): void;
}

export interface WatchedFileListener {
  /** Told of each text that differs from the one before. */
  onChange(file: FileText): void;
  /** Told once of each reason why it cannot be read; what it said last holds. */
  onError(error: AsofError): void;
}

const defaultMostBytes = 1_048_576;
const everyMillis = 1_000;

/** @throws AsofError BAD_INPUT when the file cannot be read */
export async function openWatchedFile(
  path: string,
  systemClock: SystemClock,
  mostBytes = defaultMostBytes,
): Promise<WatchedFile> {
  const first = await readText(path, mostBytes);
  const closing = new AbortController();
  let following: Promise<void> = Promise.resolve();

  // Looks, since notifications miss what is mounted from elsewhere, and files that are replaced by way of links.
  async function look({ onChange, onError }: WatchedFileListener): Promise<void> {
    let last = first.text;
    let lastError: string | null = null;
    for (;;) {
      await systemClock.sleep(everyMillis, closing.signal).catch(() => {});
      if (closing.signal.aborted) return;
      try {
        const file = await readText(path, mostBytes);
        lastError = null;
        if (file.text === last) continue;
        last = file.text;
        onChange(file);
      } catch (error) {
        if (!(error instanceof AsofError)) throw error;
        if (error.message !== lastError) onError(error);
        lastError = error.message;
      }
    }
  }

  return {
    first,
    follow(listener) {
      following = look(listener);
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      await following;
    },
  };
}

async function readText(path: string, mostBytes: number): Promise<FileText> {
  try {
    const file = await open(path, 'r');
    try {
      const { mode, uid, size } = await file.stat();
      if (size > mostBytes) throw new Error(`it has ${size} bytes; expected at most ${mostBytes}`);
      const isLoose = process.platform !== 'win32' && (mode & othersThanReader(uid)) !== 0;
      const looseMode = isLoose ? `0${(mode & 0o777).toString(8)}` : null;
      return { text: await file.readFile('utf8'), looseMode };
    } finally {
      await file.close();
    }
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : String(cause);
    const remedy = 'Check the path, and that this user may read it.';
    throw new AsofError('BAD_INPUT', 'the file cannot be read', { path, got, remedy }, { cause });
  }
}

/** The bits of those who need not read it. Where another user owns it, as of a Kubernetes secret, we read as its group. */
function othersThanReader(owner: number): number {
  return owner === process.getuid?.() ? 0o077 : 0o007;
}
