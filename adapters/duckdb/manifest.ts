import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { Positions } from '../../core/ports/offline-store.ts';
import type { ValueType } from '../../core/values/types.ts';
import { filesBelow } from './files-below.ts';

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
  /** The distinct lists of fields that files were written with; only ever added to. */
  readonly layouts: readonly (readonly StoredField[])[];
  readonly files: readonly StoredFile[];
  /** Inclusive newest offset per "origin/partition"; the files hold each record up to it once. Never goes back. */
  readonly positions: Readonly<Record<string, number>>;
}

/**
 * One step of a history: `manifest-<12 digits>.json`. Who writes makes the next number, and a number can be made once:
 * so several processes write one history, each upon what the others have committed.
 */
export interface Revision {
  /** 0 = nothing was written yet, or by a version that had one `manifest.json`. */
  readonly number: number;
  readonly manifest: Manifest;
}

/** So many revisions stay, so that one who was about to commit finds its place taken, or its base gone. */
const keptRevisions = 20;

/** What became of the first revision: who found nothing, and slept since, must not make it again. */
const begunName = 'manifest-begun.json';

const revisionName = /^manifest(?:-(\d{12}))?\.json$/;
const nothing: Revision = { number: 0, manifest: { version: 1, layouts: [], files: [], positions: {} } };

/** The newest revision. Throws CORRUPT when it cannot be understood, or a file that it names is missing or not whole. */
export async function openManifest(folder: string): Promise<Revision> {
  const newest = await newestRevision(folder, nothing);
  await Promise.all(newest.manifest.files.map((file) => checkFile(folder, file)));
  return newest;
}

/** The newest revision; `known` itself when nothing is newer. */
export async function newestRevision(folder: string, known: Revision): Promise<Revision> {
  for (;;) {
    const newest = (await revisionNumbers(folder)).at(-1);
    if (newest === known.number && known !== nothing) return known;
    if (newest === undefined) {
      const isWritten = known.number > 0 || (await filesBelow(folder)).some((path) => path.endsWith('.parquet'));
      if (!isWritten) return known;
      // A revision is written before the first file: files without one are a history that lost it, not leftovers.
      if ((await revisionNumbers(folder)).length > 0) continue;
      throw damagedManifest(join(folder, fileName(Math.max(1, known.number))), 'nothing', null);
    }
    if (newest < known.number) throw damagedManifest(join(folder, fileName(known.number)), 'an earlier one', null);
    const manifest = await readManifest(folder, newest);
    if (manifest !== null) return { number: newest, manifest };
  }
}

/**
 * Makes `manifest` the revision after `base`, durably and in one step. Null = somebody else has made one first; nothing
 * was changed then.
 */
export async function commitRevision(folder: string, base: Revision, manifest: Manifest): Promise<Revision | null> {
  await mkdir(folder, { recursive: true });
  const number = base.number + 1;
  const path = join(folder, fileName(number));
  const temporary = `${path}.${randomBytes(4).toString('hex')}.new`;
  const file = await open(temporary, 'wx');
  try {
    await file.writeFile(JSON.stringify(manifest));
    await file.datasync();
  } finally {
    await file.close();
  }
  try {
    await link(temporary, path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return null;
    throw cause;
  } finally {
    await rm(temporary, { force: true });
  }
  // Numbers are given up from below, so while the base is there the number after it was never made before.
  const isStale =
    base.number === 0 ? await exists(join(folder, begunName)) : !(await exists(join(folder, fileName(base.number))));
  if (isStale) {
    await rm(path, { force: true });
    return null;
  }
  await forgetOldRevisions(folder, number);
  return { number, manifest };
}

async function forgetOldRevisions(folder: string, newest: number): Promise<void> {
  for (const number of await revisionNumbers(folder)) {
    if (number > newest - keptRevisions) return;
    const path = join(folder, fileName(number));
    // Of several who give it up the first does; the others do not find it.
    if (number === 1) await rename(path, join(folder, begunName)).catch(unlessMissing);
    else await rm(path, { force: true });
  }
}

/** In ascending order. */
async function revisionNumbers(folder: string): Promise<number[]> {
  const names = (await readdir(folder).catch(unlessMissing)) ?? [];
  return names
    .flatMap((name) => {
      const match = revisionName.exec(name);
      return match === null ? [] : [Number(match[1] ?? 0)];
    })
    .sort((a, b) => a - b);
}

function fileName(number: number): string {
  return number === 0 ? 'manifest.json' : `manifest-${String(number).padStart(12, '0')}.json`;
}

/** Null when it has been given up meanwhile. */
async function readManifest(folder: string, number: number): Promise<Manifest | null> {
  const path = join(folder, fileName(number));
  const content = await readFile(path, 'utf8').catch(unlessMissing);
  if (content === null) return null;
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

function unlessMissing(cause: NodeJS.ErrnoException): null {
  if (cause.code === 'ENOENT') return null;
  throw cause;
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

export function positionsOf({ manifest }: Revision): Positions {
  return new Map(Object.entries(manifest.positions));
}

/** "origin/partition": unambiguous, because a partition is digits. */
export function placeKey(origin: string, partition: number): string {
  return `${origin}/${partition}`;
}
