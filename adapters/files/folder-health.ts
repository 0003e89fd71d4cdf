import { constants } from 'node:fs';
import { access, link, mkdtemp, readFile, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findingsOf } from '../../core/health/findings.ts';
import type { Finding, HealthCheck } from '../../core/ports/health-check.ts';

export interface FolderHealthOptions {
  readonly service: string;
  readonly folder: string;
  /** The variable that names it. */
  readonly variable: string;
}

const megabyte = 1024 * 1024;
const leastFree = 256 * megabyte;
const enoughFree = 5_120 * megabyte;

/** As Linux numbers them. Files that are mapped into memory and locked are not safe there. */
const networkFileSystems: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0xff53_4d42, 'CIFS'],
  [0xfe53_4d42, 'SMB'],
]);

/** Whether a folder, or the one that it will be made in, can be written to as the stores write. */
export function folderHealth({ service, folder, variable }: FolderHealthOptions): HealthCheck {
  const { ok, holds, failed, warn } = findingsOf(service);
  const remedy = `Give this user the right to write there, or set ${variable} to another folder`;

  async function* checks(): AsyncIterable<Finding> {
    let present: string;
    try {
      present = await nearestFolder(folder);
      await access(present, constants.W_OK | constants.X_OK);
    } catch (error) {
      yield { ...failed('writable', error), what: `writable ${folder}`, expected: 'a folder to write to', remedy };
      return;
    }
    yield ok('folder', present === folder ? folder : `${folder}, to be made in ${present}`);
    yield await writes(present);
    yield await space(present);
  }

  /** Tried, not asked for: rights, quotas and file systems have more ways to say no than can be looked up. */
  async function writes(present: string): Promise<Finding> {
    let probe: string | null = null;
    try {
      probe = await mkdtemp(join(present, '.asof-doctor-'));
      const [old, fresh, linked] = ['old', 'new', 'linked'].map((name) => join(probe!, name)) as [
        string,
        string,
        string,
      ];
      await writeFile(old, 'old');
      await writeFile(fresh, 'new', { flush: true });
      await rename(fresh, old);
      await link(old, linked);
      const text = await readFile(linked, 'utf8');
      const what = 'files replaced in one step, hard links';
      return holds(text === 'new', 'fail', { what, expected: 'the new text', got: text, remedy });
    } catch (error) {
      const expected = 'a file system on which files can be written, renamed over others, and hard-linked';
      return { ...failed(`writing to ${present}`, error), expected, remedy };
    } finally {
      if (probe !== null) await rm(probe, { recursive: true, force: true });
    }
  }

  async function space(present: string): Promise<Finding> {
    const { bavail, bsize, type } = await statfs(present);
    const network = networkFileSystems.get(type >>> 0);
    if (network !== undefined) {
      const expected = 'a local disk: LMDB and locks are not safe over a network';
      return warn({
        what: `file system of ${present}`,
        expected,
        got: network,
        remedy: `Set ${variable} to a local disk`,
      });
    }
    const free = bavail * bsize;
    const level = free < leastFree ? 'fail' : 'warn';
    const expected = `at least ${enoughFree / megabyte} MB`;
    const got = `${Math.floor(free / megabyte)} MB`;
    return holds(free >= enoughFree, level, {
      what: `free space of ${present}`,
      expected,
      got,
      remedy: `Make room, or set ${variable} to a larger disk`,
    });
  }

  return { service, checks };
}

/** The folder itself, or the nearest one above that is there. */
async function nearestFolder(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    const found = await stat(at).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      return null;
    });
    if (found?.isDirectory()) return at;
    if (found !== null) throw new Error(`${at} is a file`);
  }
}
