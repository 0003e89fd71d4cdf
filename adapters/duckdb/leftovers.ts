import { mkdtemp, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { filesBelow } from './files-below.ts';
import type { StoredFile } from './manifest.ts';

/**
 * For so long a file that no manifest names is left alone: another process may be about to name it, or may still read
 * what a merge has replaced.
 */
export const graceMillis = 6 * 3_600_000;

/** Between two looks at all files, of which there may be many. */
const lookMillis = graceMillis / 36;

/**
 * Removes what no manifest has named for a while: what a crash left, and what merges replaced. Times are the file
 * system's own, which is the same for all who share the folder.
 *
 * @param newest a file that was just written
 */
export type RemoveLeftovers = (named: readonly StoredFile[], newest: StoredFile) => Promise<void>;

export function createLeftovers(folder: string): RemoveLeftovers {
  let lookedAt = Number.NEGATIVE_INFINITY;
  return async (named, newest) => {
    const now = (await stat(join(folder, newest.path))).mtimeMs;
    // A clock that was set back is no reason to wait.
    if (now >= lookedAt && now - lookedAt < lookMillis) return;
    lookedAt = now;
    const kept = new Set(named.map(({ path }) => path));
    for (const path of await filesBelow(folder)) {
      if (kept.has(path) || path.endsWith('.json')) continue;
      await removeIfOld(join(folder, path), now);
    }
  };
}

async function removeIfOld(path: string, now: number): Promise<void> {
  // Whoever removes it first is welcome to.
  const found = await stat(path).catch(() => null);
  if (found !== null && now - found.mtimeMs > graceMillis) await rm(path, { recursive: true, force: true });
}

/** Lets the grace of files that are about to be replaced begin now, which is when `newest` was written. */
export async function beginGrace(folder: string, files: readonly StoredFile[], newest: StoredFile): Promise<void> {
  const { mtime } = await stat(join(folder, newest.path));
  for (const { path } of files) await utimes(join(folder, path), mtime, mtime);
}

const spillPrefix = '.spill-';

/** A folder of this process's own for what does not fit into memory; those that a crash left are removed. */
export async function openSpillFolder(folder: string): Promise<string> {
  const own = await mkdtemp(join(folder, spillPrefix));
  const now = (await stat(own)).mtimeMs;
  for (const name of await readdir(folder)) {
    if (!name.startsWith(spillPrefix)) continue;
    await removeIfOld(join(folder, name), now);
  }
  return own;
}
