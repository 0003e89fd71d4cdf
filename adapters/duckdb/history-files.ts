import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBInstance } from '@duckdb/node-api';
import { makeDurable } from './durable-file.ts';
import { openSession } from './engine.ts';
import { placeKey, type StoredFile } from './manifest.ts';
import { text } from './quoting.ts';

/** Files that no manifest names yet. */
export interface WrittenFiles {
  /** The layout's index is the manifest's to give. */
  readonly files: readonly Omit<StoredFile, 'layout'>[];
  /** The newest offset of each place in them. */
  readonly positions: Readonly<Record<string, number>>;
}

/**
 * Writes records as `date=YYYY-MM-DD/<origin hash>-<partition>-<from>-<to>-<writer>.parquet`, one file (or a few,
 * numbered) per event date and partition. Nothing counts until a manifest names it; the writer's part of the name is new
 * each time, so nobody writes over another's file.
 *
 * @param records a FROM clause
 */
export async function writeHistoryFiles(
  instance: DuckDBInstance,
  folder: string,
  records: string,
): Promise<WrittenFiles> {
  const writer = randomBytes(4).toString('hex');
  const unfinished = join(folder, `unfinished-${writer}`);
  await mkdir(folder, { recursive: true });
  const session = await openSession(instance);
  try {
    const parts =
      '(__event_time - ((__event_time % 86400000) + 86400000) % 86400000) AS __date, ' +
      'left(md5(__origin), 12) AS __file, __partition AS __part';
    await session.run(
      `COPY (SELECT *, ${parts} FROM ${records}) TO ${text(unfinished)} ` +
        '(FORMAT parquet, PARTITION_BY (__date, __file, __part), COMPRESSION snappy)',
    );
    const groups = await session.all(
      `SELECT ${parts}, min(__offset), max(__offset), count(*), min(__event_time), max(__event_time) ` +
        `FROM ${records} GROUP BY ALL ORDER BY ALL`,
    );
    const files: Omit<StoredFile, 'layout'>[] = [];
    for (const [date, file, partition, from, to, rows, minTime, maxTime] of groups) {
      const written = join(unfinished, `__date=${date}`, `__file=${file}`, `__part=${partition}`);
      const day = `date=${new Date(Number(date)).toISOString().slice(0, 10)}`;
      await mkdir(join(folder, day), { recursive: true });
      for (const [index, name] of (await readdir(written)).sort().entries()) {
        const suffix = index === 0 ? '' : `-${index}`;
        const path = join(day, `${file}-${partition}-${from}-${to}-${writer}${suffix}.parquet`);
        const bytes = await makeDurable(join(written, name));
        await rename(join(written, name), join(folder, path));
        const share = index === 0 ? Number(rows) : 0;
        files.push({ path, rows: share, bytes, minEventTime: Number(minTime), maxEventTime: Number(maxTime) });
      }
    }
    const places = await session.all(`SELECT __origin, __partition, max(__offset) FROM ${records} GROUP BY ALL`);
    const positions = places.map(([origin, partition, offset]) => [
      placeKey(String(origin), Number(partition)),
      Number(offset),
    ]);
    return { files, positions: Object.fromEntries(positions) };
  } finally {
    session.close();
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Takes back files that no manifest names. */
export async function removeFiles(folder: string, files: readonly Pick<StoredFile, 'path'>[]): Promise<void> {
  for (const { path } of files) await rm(join(folder, path), { force: true });
}
