import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { Positions } from '../../core/ports/offline-store.ts';
import type { ValueType } from '../../core/values/types.ts';

/** A field as a file holds it. */
export interface StoredField {
  readonly name: string;
  readonly type: ValueType;
}

export interface StoredFile {
  /** Relative to the source's folder. */
  readonly path: string;
  /** Index into `Manifest.layouts`. */
  readonly layout: number;
  readonly rows: number;
  readonly bytes: number;
  readonly minEventTime: number;
  readonly maxEventTime: number;
}

/** The one list of what a source's history consists of: a file that it does not name does not exist. */
export interface Manifest {
  readonly version: 1;
  /** The distinct lists of fields that files were written with. */
  readonly layouts: readonly (readonly StoredField[])[];
  readonly files: readonly StoredFile[];
  /** Inclusive newest offset per "origin/partition". */
  readonly positions: Readonly<Record<string, number>>;
}

const manifestName = 'manifest.json';
const emptyManifest: Manifest = { version: 1, layouts: [], files: [], positions: {} };

/**
 * Opens a source's folder: removes what a crash left half-written, and throws CORRUPT when the manifest cannot be
 * understood, or a file that it names is missing or not whole.
 */
export async function openManifest(folder: string): Promise<Manifest> {
  const manifest = await readManifest(folder);
  await removeOrphans(folder, manifest);
  await Promise.all(manifest.files.map((file) => checkFile(folder, file)));
  return manifest;
}

/** Empty when it was never written. */
async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, manifestName);
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    // A manifest is written before the first file: files without one are a history that lost it, not leftovers.
    if ((await filesIn(folder)).some((file) => file.endsWith('.parquet')))
      throw damagedManifest(path, 'nothing', cause);
    return emptyManifest;
  }
  try {
    const manifest = JSON.parse(content) as Manifest;
    if (manifest.version !== 1 || !Array.isArray(manifest.files)) throw new TypeError('not a manifest of version 1');
    return manifest;
  } catch (cause) {
    throw damagedManifest(path, content.slice(0, 60), cause);
  }
}

function damagedManifest(path: string, got: string, cause: unknown): AsofError {
  const remedy = 'Restore it from a backup, or move its folder away: the history is then read again from its sources';
  const details = { path, expected: 'a manifest of version 1', got, remedy };
  return new AsofError('CORRUPT', 'the list of history files is damaged', details, { cause });
}

async function checkFile(folder: string, { path, bytes }: StoredFile): Promise<void> {
  const size = await stat(join(folder, path)).then(
    (found) => found.size,
    () => null,
  );
  if (size === bytes) return;
  throw new AsofError('CORRUPT', 'a file of the history is damaged', {
    path: join(folder, path),
    expected: `${bytes} bytes`,
    got: size === null ? 'no such file' : `${size} bytes`,
    remedy: `Restore it from a backup, or move ${folder} away: the history is then read again from its sources`,
  });
}

/** Replaces the manifest in one step: after a crash either the old or the new one is there. */
export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `${manifestName}.new`);
  const file = await open(temporary, 'w');
  try {
    await file.writeFile(JSON.stringify(manifest));
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(temporary, join(folder, manifestName));
}

/** Removes what a crash left behind: every file that the manifest does not name. */
async function removeOrphans(folder: string, manifest: Manifest): Promise<void> {
  const named = new Set([manifestName, ...manifest.files.map((file) => file.path)]);
  for (const path of await filesIn(folder)) {
    if (!named.has(path)) await rm(join(folder, path), { force: true });
  }
}

/** Every file below the folder, relative to it; none when it does not exist. */
async function filesIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true, recursive: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw cause;
  }
}

export function positionsOf(manifest: Manifest): Positions {
  return new Map(Object.entries(manifest.positions));
}

/** "origin/partition": unambiguous, because a partition is digits. */
export function placeKey(origin: string, partition: number): string {
  return `${origin}/${partition}`;
}
