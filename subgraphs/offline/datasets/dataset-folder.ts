import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { DatasetFile } from './dataset.ts';

/** A file for the HTTP host. */
export interface ServedFile extends DatasetFile {
  readonly path: string;
  readonly contentType: string;
}

/**
 * One folder per dataset:
 *
 *   <id>/spine.json      inline rows as they were given, until the dataset is removed
 *   <id>/data.parquet    the result
 *   <id>/rebuilt.parquet what is held against it, while it is built again
 *   <id>/preview.json    its first rows
 *   <id>/manifest.json   what it was made from, written last
 */
export interface DatasetFolder {
  /** Only such ids reach a path. */
  isId(id: string): boolean;
  create(id: string, inlineRows: readonly unknown[] | null): Promise<void>;
  inlineRows(id: string): Promise<readonly unknown[]>;
  path(id: string, name: DatasetFileName): string;
  writeJson(id: string, name: DatasetFileName, content: unknown): Promise<void>;
  describe(id: string, name: DatasetFileName, rows: number | null): Promise<DatasetFile>;
  rename(id: string, from: DatasetFileName, to: DatasetFileName): Promise<void>;
  removeFile(id: string, name: DatasetFileName): Promise<void>;
  preview(id: string, limit: number): Promise<readonly unknown[]>;
  served(id: string, file: DatasetFile): ServedFile;
  remove(id: string): Promise<void>;
}

export type DatasetFileName = 'data.parquet' | 'rebuilt.parquet' | 'manifest.json' | 'preview.json' | 'spine.json';

const idPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function openDatasetFolder(root: string): DatasetFolder {
  const path = (id: string, name: DatasetFileName): string => join(root, id, name);
  return {
    isId: (id) => idPattern.test(id),
    path,
    async create(id, inlineRows) {
      await mkdir(join(root, id), { recursive: true });
      if (inlineRows !== null) await writeFile(path(id, 'spine.json'), JSON.stringify(inlineRows));
    },
    inlineRows: async (id) => JSON.parse(await readFile(path(id, 'spine.json'), 'utf8')) as readonly unknown[],
    writeJson: (id, name, content) => writeFile(path(id, name), `${JSON.stringify(content, null, 2)}\n`),
    async describe(id, name, rows) {
      const hash = createHash('sha256');
      await pipeline(createReadStream(path(id, name)), hash);
      return { name, rows, bytes: (await stat(path(id, name))).size, sha256: hash.digest('hex') };
    },
    rename: (id, from, to) => rename(path(id, from), path(id, to)),
    removeFile: (id, name) => rm(path(id, name), { force: true }),
    async preview(id, limit) {
      const rows = JSON.parse(await readFile(path(id, 'preview.json'), 'utf8')) as readonly unknown[];
      return rows.slice(0, limit);
    },
    served: (id, file) => ({
      ...file,
      path: join(root, id, file.name),
      contentType: file.name.endsWith('.parquet') ? 'application/vnd.apache.parquet' : 'application/json',
    }),
    remove: (id) => rm(join(root, id), { recursive: true, force: true }),
  };
}
