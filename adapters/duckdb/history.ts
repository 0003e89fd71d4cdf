import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBInstance } from '@duckdb/node-api';
import type { CompiledSource, SourceRecord } from '../../core/definitions/compiled.ts';
import type { Positions } from '../../core/ports/offline-store.ts';
import { makeDurable } from './durable-file.ts';
import { openSession } from './engine.ts';
import {
  type Manifest,
  openManifest,
  placeKey,
  positionsOf,
  type StoredField,
  type StoredFile,
  writeManifest,
} from './manifest.ts';
import { mergeSmallFiles } from './merging.ts';
import { identifier, text, textList } from './quoting.ts';
import { createReaders } from './readers.ts';
import { createTableSql, layoutOf, openRecordAppender, type RecordAppender, selectSql } from './record-table.ts';

/** The tail is written as Parquet by itself when it has this many records. */
const tailLimitRows = 500_000;

/** One source's complete history: Parquet files named by a manifest, and the tail that follows them. */
export interface SourceHistory {
  append(source: CompiledSource, records: readonly SourceRecord[]): Promise<void>;
  flush(): Promise<Positions>;
  durablePositions(): Positions;
  /** What makes up the history at this moment; ask and use it within one transaction, then release it. */
  contents(): HistoryContents;
  /** Waits for what is under way. The tail is not flushed: it comes again from the log. */
  close(): Promise<void>;
}

export interface HistoryContents {
  /** Ends the reading; the files may be gone after it. */
  readonly release: () => void;
  /** The tail's table, or null when nothing was appended yet. */
  readonly tailTable: string | null;
  /** A query for all records in this layout: the files, then the tail. */
  selectAll(layout: readonly StoredField[]): string;
}

interface Tail {
  readonly table: string;
  readonly layout: readonly StoredField[];
  readonly append: RecordAppender;
  readonly close: () => void;
  rows: number;
}

/** Opens a source's folder and removes what a crash left half-written. */
export async function openSourceHistory(
  instance: DuckDBInstance,
  folder: string,
  sourceName: string,
): Promise<SourceHistory> {
  let manifest = await openManifest(folder);
  const held = new Map(positionsOf(manifest));
  let tail: Tail | null = null;
  let generation = 0;
  const readers = createReaders();

  let queue: Promise<unknown> = Promise.resolve();
  /** Appends and flushes of one source follow one another. */
  const inTurn = <T>(action: () => Promise<T>): Promise<T> => {
    const result = queue.then(action);
    queue = result.catch(() => undefined);
    return result;
  };

  const openTail = async (source: CompiledSource): Promise<Tail> => {
    const layout = layoutOf(source);
    if (tail !== null && sameLayout(tail.layout, layout)) return tail;
    if (tail !== null) await writeTail(tail);
    generation += 1;
    const table = `asof_tail_${generation}_${sourceName}`;
    const session = await openSession(instance);
    await session.run(createTableSql(table, layout));
    const appender = await openRecordAppender(session.connection, table, layout, source);
    const close = () => {
      appender.close();
      session.close();
    };
    tail = { table, layout, append: appender.append, close, rows: 0 };
    return tail;
  };

  /** Writes the tail as files, names them in the manifest, and only then lets go of the tail. */
  const writeTail = async (written: Tail): Promise<void> => {
    if (written.rows > 0) {
      const known = manifest.layouts.findIndex((layout) => sameLayout(layout, written.layout));
      const layouts = known >= 0 ? manifest.layouts : [...manifest.layouts, written.layout];
      const layout = known >= 0 ? known : layouts.length - 1;
      if (manifest.files.length === 0) await writeManifest(folder, manifest);
      const { files, positions } = await writeFiles(instance, folder, written.table, layout);
      const next: Manifest = {
        version: 1,
        layouts,
        files: [...manifest.files, ...files],
        positions: { ...manifest.positions, ...positions },
      };
      await writeManifest(folder, next);
      manifest = next;
    }
    tail = null;
    written.close();
    const session = await openSession(instance);
    await session.run(`DROP TABLE ${identifier(written.table)}`);
    session.close();
    await merge();
  };

  const merge = async (): Promise<void> => {
    const files = await mergeSmallFiles(instance, folder, manifest.files);
    if (files === null) return;
    const replaced = manifest.files.filter((file) => !files.includes(file));
    const next: Manifest = { ...manifest, files };
    await writeManifest(folder, next);
    manifest = next;
    // What cannot be removed now is an orphan, removed at the next start.
    readers.afterCurrent(() => {
      for (const { path } of replaced) rm(join(folder, path), { force: true }).catch(() => undefined);
    });
  };

  return {
    append: (source, records) =>
      inTurn(async () => {
        const fresh = unheld(records, held);
        for (let start = 0; start < fresh.length; start += tailLimitRows) {
          const part = fresh.slice(start, start + tailLimitRows);
          const open = await openTail(source);
          open.append(part);
          open.rows += part.length;
          for (const [place, offset] of lastOffsets(part)) held.set(place, offset);
          if (open.rows >= tailLimitRows) await writeTail(open);
        }
      }),
    flush: () =>
      inTurn(async () => {
        if (tail !== null && tail.rows > 0) await writeTail(tail);
        return positionsOf(manifest);
      }),
    durablePositions: () => positionsOf(manifest),
    close: () =>
      inTurn(async () => {
        tail?.close();
        tail = null;
      }),
    contents() {
      const { files, layouts } = manifest;
      const current = tail;
      return {
        release: readers.begin(),
        tailTable: current?.table ?? null,
        selectAll(wanted) {
          const parts = layouts.flatMap((layout, index) => {
            const paths = files.filter((file) => file.layout === index).map((file) => join(folder, file.path));
            if (paths.length === 0) return [];
            return [selectSql(`read_parquet(${textList(paths)}, hive_partitioning = false)`, wanted, layout)];
          });
          if (current !== null) parts.push(selectSql(identifier(current.table), wanted, current.layout));
          if (parts.length === 0) return emptySelect(wanted);
          return parts.join('\nUNION ALL\n');
        },
      };
    },
  };
}

/** Those beyond the offsets held of their partitions, and beyond what comes before them. */
function unheld(records: readonly SourceRecord[], held: Positions): readonly SourceRecord[] {
  const reached = new Map(held);
  return runsOf(records).flatMap(({ place, run }) => {
    let last = reached.get(place) ?? -1;
    const fresh = run.filter(({ offset }) => {
      if (offset <= last) return false;
      last = offset;
      return true;
    });
    reached.set(place, last);
    return fresh;
  });
}

function lastOffsets(records: readonly SourceRecord[]): Map<string, number> {
  return new Map(runsOf(records).map(({ place, run }) => [place, run.at(-1)!.offset]));
}

/** Consecutive records of one partition: its text is made once for each run, not for each record. */
function runsOf(records: readonly SourceRecord[]): { readonly place: string; readonly run: readonly SourceRecord[] }[] {
  const runs: { place: string; run: readonly SourceRecord[] }[] = [];
  let start = 0;
  for (let end = 1; end <= records.length; end++) {
    const first = records[start]!;
    const next = records[end];
    if (next !== undefined && next.partition === first.partition && next.origin === first.origin) continue;
    runs.push({ place: placeKey(first.origin, first.partition), run: records.slice(start, end) });
    start = end;
  }
  return runs;
}

function emptySelect(wanted: readonly StoredField[]): string {
  const nothing =
    "(SELECT '' AS __origin, 0 AS __partition, CAST(0 AS BIGINT) AS __offset, CAST(0 AS BIGINT) AS __event_time, " +
    'CAST(0 AS BIGINT) AS __known_time, false AS __deleted)';
  return `${selectSql(nothing, wanted, [])} WHERE false`;
}

function sameLayout(a: readonly StoredField[], b: readonly StoredField[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/**
 * Writes a table of records as `date=YYYY-MM-DD/<origin hash>-<partition>-<from>-<to>.parquet`, one file (or a few,
 * numbered) per event date and partition. Nothing counts until the manifest names it.
 */
async function writeFiles(
  instance: DuckDBInstance,
  folder: string,
  table: string,
  layout: number,
): Promise<{ files: StoredFile[]; positions: Record<string, number> }> {
  const unfinished = join(folder, 'unfinished');
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const session = await openSession(instance);
  try {
    const parts =
      '(__event_time - ((__event_time % 86400000) + 86400000) % 86400000) AS __date, ' +
      'left(md5(__origin), 12) AS __file, __partition AS __part';
    await session.run(
      `COPY (SELECT *, ${parts} FROM ${identifier(table)}) TO ${text(unfinished)} ` +
        '(FORMAT parquet, PARTITION_BY (__date, __file, __part), COMPRESSION snappy)',
    );
    const groups = await session.all(
      `SELECT ${parts}, min(__offset), max(__offset), count(*), min(__event_time), max(__event_time) ` +
        `FROM ${identifier(table)} GROUP BY ALL ORDER BY ALL`,
    );
    const files: StoredFile[] = [];
    for (const [date, file, partition, from, to, rows, minTime, maxTime] of groups) {
      const written = join(unfinished, `__date=${date}`, `__file=${file}`, `__part=${partition}`);
      const day = `date=${new Date(Number(date)).toISOString().slice(0, 10)}`;
      await mkdir(join(folder, day), { recursive: true });
      for (const [index, name] of (await readdir(written)).sort().entries()) {
        const suffix = index === 0 ? '' : `-${index}`;
        const path = join(day, `${file}-${partition}-${from}-${to}${suffix}.parquet`);
        const bytes = await makeDurable(join(written, name));
        await rename(join(written, name), join(folder, path));
        const share = index === 0 ? Number(rows) : 0;
        files.push({ path, layout, rows: share, bytes, minEventTime: Number(minTime), maxEventTime: Number(maxTime) });
      }
    }
    await rm(unfinished, { recursive: true, force: true });
    const places = await session.all(
      `SELECT __origin, __partition, max(__offset) FROM ${identifier(table)} GROUP BY ALL`,
    );
    const positions = places.map(([origin, partition, offset]) => [
      placeKey(String(origin), Number(partition)),
      Number(offset),
    ]);
    return { files, positions: Object.fromEntries(positions) };
  } finally {
    session.close();
  }
}
