import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** Installed packages are tens of thousands of files, and a disk may be busy. */
const removalMillis = 600_000;

/** Called once at the top of a test file: gives new, empty folders, and removes them after the file's tests. */
export function temporaryFolders(name: string): () => string {
  const made: string[] = [];
  afterAll(() => {
    for (const folder of made) rmSync(folder, { recursive: true, force: true });
  }, removalMillis);
  return () => {
    const folder = mkdtempSync(join(tmpdir(), `asof-${name}-`));
    made.push(folder);
    return folder;
  };
}
