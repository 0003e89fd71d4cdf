import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
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

/** Reads a source's manifest; empty when it was never written. CORRUPT when it cannot be understood. */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, manifestName);
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return emptyManifest;
    throw cause;
  }
  try {
    const manifest = JSON.parse(content) as Manifest;
    if (manifest.version !== 1 || !Array.isArray(manifest.files)) throw new TypeError('not a manifest of version 1');
    return manifest;
  } catch (cause) {
    throw new AsofError(
      'CORRUPT',
      'the list of history files is damaged',
      {
        path,
        expected: 'a manifest of version 1',
        got: content.slice(0, 60),
        remedy: 'Restore it from a backup, or remove this source’s folder and backfill again',
      },
      { cause },
    );
  }
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

/** Removes what a crash left behind: every file and folder that the manifest does not name. */
export async function removeOrphans(folder: string, manifest: Manifest): Promise<void> {
  const named = new Set(manifest.files.map((file) => file.path));
  let entries: { name: string; parentPath: string; isFile(): boolean }[];
  try {
    entries = await readdir(folder, { withFileTypes: true, recursive: true });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw cause;
  }
  for (const entry of entries) {
    const path = relative(folder, join(entry.parentPath, entry.name));
    if (entry.isFile() && path !== manifestName && !named.has(path)) await rm(join(folder, path), { force: true });
  }
}

export function positionsOf(manifest: Manifest): Positions {
  return new Map(Object.entries(manifest.positions));
}

/** "origin/partition": unambiguous, because a partition is digits. */
export function placeKey(origin: string, partition: number): string {
  return `${origin}/${partition}`;
}
