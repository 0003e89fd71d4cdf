import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { AsofError } from '../../core/errors/asof-error.ts';

/** Held until closed. */
export interface FolderLock extends AsyncDisposable {
  readonly file: string;
}

/** What the lock file says about its owner, as one line of JSON. */
interface Owner {
  readonly pid: number;
  readonly host: string;
  /** When the process began, in the kernel's ticks since boot; tells it from a later one with its pid. Null: unknown. */
  readonly processStart: string | null;
  /** Tells two locks of one process apart. */
  readonly token: string;
}

/** More rounds than processes that could fight over one stale lock at once. */
const takeoverRounds = 20;

/**
 * Makes this process the folder's only user, creating the folder. A lock left by a dead process (`kill -9`) is taken
 * over. Throws LOCKED, naming the owner's pid, while another lock is held, also by this process.
 */
export function lockFolder(folder: string): FolderLock {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'asof.lock');
  const mine: Owner = {
    pid: process.pid,
    host: hostname(),
    processStart: processStartOf(process.pid),
    token: randomUUID(),
  };
  const text = `${JSON.stringify(mine)}\n`;
  for (let round = 0; round < takeoverRounds; round++) {
    if (createExclusively(file, text)) {
      return {
        file,
        [Symbol.asyncDispose]: async () => {
          if (readIfThere(file) === text) rmSync(file, { force: true });
        },
      };
    }
    const found = readIfThere(file);
    if (found === null) continue;
    refuseIfHeld(folder, file, found);
    removeStale(file, found);
  }
  throw new AsofError('LOCKED', `several processes are starting on ${folder} at once`, {
    path: file,
    remedy: 'Start one process on this folder',
  });
}

/** A hard link appears whole or not at all, so no other process sees a lock file without its owner's name. */
function createExclusively(file: string, text: string): boolean {
  const draft = `${file}.${process.pid}.${randomUUID()}`;
  writeFileSync(draft, text, { flag: 'wx' });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function refuseIfHeld(folder: string, file: string, text: string): void {
  const owner = parseOwner(text);
  if (owner === null) {
    throw new AsofError('CORRUPT', `the lock file of ${folder} is damaged`, {
      path: file,
      expected: 'one line of JSON with pid, host, processStart and token',
      got: JSON.stringify(text.slice(0, 80)),
      remedy: 'Make sure that no other process uses the folder, then delete the lock file',
    });
  }
  if (owner.host !== hostname()) {
    throw new AsofError('LOCKED', `${folder} is in use by process ${owner.pid} on host ${owner.host}`, {
      path: file,
      remedy: 'Stop that process; if it is gone for good, as a removed container is, delete the lock file',
    });
  }
  if (owner.pid === process.pid && owner.processStart === processStartOf(process.pid)) {
    throw new AsofError('LOCKED', `${folder} is already open in this process (${owner.pid})`, {
      path: file,
      remedy: 'Close the first use before opening it again, or share it',
    });
  }
  if (isRunning(owner)) {
    throw new AsofError('LOCKED', `${folder} is in use by process ${owner.pid}`, {
      path: file,
      remedy: `Stop that process (kill ${owner.pid}), or use another folder (ASOF_DATA_DIR)`,
    });
  }
}

/**
 * Two starters may find the same stale lock. Renaming picks one of them; should the other meanwhile have put its own
 * lock there, that is noticed by its text, and put back.
 */
function removeStale(file: string, staleText: string): void {
  const aside = `${file}.${process.pid}.${randomUUID()}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return;
    throw error;
  }
  try {
    if (readIfThere(aside) !== staleText) linkSync(aside, file);
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function isRunning(owner: Owner): boolean {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    // EPERM: it runs, under another user.
    if (!isErrno(error, 'EPERM')) return false;
  }
  const start = processStartOf(owner.pid);
  return start === null || owner.processStart === null || start === owner.processStart;
}

/** Field 22 of /proc/<pid>/stat; null where there is no /proc. The command name before it may hold spaces and brackets. */
function processStartOf(pid: number): string | null {
  const stat = readIfThere(`/proc/${pid}/stat`);
  if (stat === null) return null;
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

function parseOwner(text: string): Owner | null {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) return null;
    const { pid, host, processStart, token } = parsed as Partial<Record<keyof Owner, unknown>>;
    if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return null;
    if (typeof host !== 'string' || typeof token !== 'string') return null;
    return { pid, host, processStart: typeof processStart === 'string' ? processStart : null, token };
  } catch {
    return null;
  }
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ESRCH')) return null;
    throw error;
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
