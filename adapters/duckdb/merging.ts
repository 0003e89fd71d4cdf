import { randomBytes } from 'node:crypto';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBInstance } from '@duckdb/node-api';
import { makeDurable } from './durable-file.ts';
import { openSession } from './engine.ts';
import type { StoredFile } from './manifest.ts';
import { text, textList } from './quoting.ts';

/** So many small files of one date and partition become one. */
const mergedFiles = 16;

/** A file with at least this many records is left as it is, so that nothing is written again and again. */
const smallRows = 50_000;

/** `date=2001-01-01/<origin hash>-<partition>` and the offsets that follow it. */
const fileName = /^(date=[^/]+\/[0-9a-f]+-\d+)-(\d+)-(\d+)[^/]*$/;

export interface Merge {
  readonly replaced: readonly StoredFile[];
  /** They hold the same records, with their places; no manifest names them yet. */
  readonly merged: readonly StoredFile[];
}

/**
 * Merges small files where many have gathered, as flushes of live events leave them. The new files are complete when it
 * resolves; the old ones are still there, for whoever reads them. Null = nothing to merge.
 *
 * @param files of one history
 */
export async function mergeSmallFiles(
  instance: DuckDBInstance,
  folder: string,
  files: readonly StoredFile[],
): Promise<Merge | null> {
  const groups = new Map<string, StoredFile[]>();
  for (const file of files) {
    const place = fileName.exec(file.path)?.[1];
    if (place === undefined || file.rows >= smallRows) continue;
    const group = `${place} ${file.layout}`;
    groups.set(group, [...(groups.get(group) ?? []), file]);
  }
  const full = [...groups.values()].filter((group) => group.length >= mergedFiles);
  if (full.length === 0) return null;
  const merged: StoredFile[] = [];
  for (const group of full) merged.push(await mergeFiles(instance, folder, group));
  return { replaced: full.flat(), merged };
}

async function mergeFiles(instance: DuckDBInstance, folder: string, group: readonly StoredFile[]): Promise<StoredFile> {
  const names = group.map((file) => fileName.exec(file.path)!);
  const from = Math.min(...names.map((name) => Number(name[2])));
  const to = Math.max(...names.map((name) => Number(name[3])));
  const path = `${names[0]![1]}-${from}-${to}-merged-${randomBytes(4).toString('hex')}.parquet`;
  const unfinished = join(folder, `${path}.unfinished`);
  const paths = textList(group.map((file) => join(folder, file.path)));
  const session = await openSession(instance);
  try {
    await session.run(
      `COPY (SELECT * FROM read_parquet(${paths}, hive_partitioning = false) ORDER BY __offset) ` +
        `TO ${text(unfinished)} (FORMAT parquet, COMPRESSION snappy)`,
    );
  } finally {
    session.close();
  }
  const bytes = await makeDurable(unfinished);
  await rename(unfinished, join(folder, path));
  return {
    path,
    layout: group[0]!.layout,
    bytes,
    rows: group.reduce((sum, file) => sum + file.rows, 0),
    minEventTime: Math.min(...group.map((file) => file.minEventTime)),
    maxEventTime: Math.max(...group.map((file) => file.maxEventTime)),
  };
}
