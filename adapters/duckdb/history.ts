import { join } from 'node:path';
import type { DuckDBInstance } from '@duckdb/node-api';
import type { CompiledSource, SourceRecord } from '../../core/definitions/compiled.ts';
import type { Positions } from '../../core/ports/offline-store.ts';
import { removeFiles, type WrittenFiles, writeHistoryFiles } from './history-files.ts';
import { beginGrace, createLeftovers } from './leftovers.ts';
import {
  commitRevision,
  type Manifest,
  newestRevision,
  openManifest,
  positionsOf,
  type Revision,
  type StoredField,
} from './manifest.ts';
import { mergeSmallFiles } from './merging.ts';
import { identifier, textList } from './quoting.ts';
import { layoutOf, selectSql } from './record-table.ts';
import { openTail, runsOf, type Tail } from './tail.ts';

/** The tail is written as Parquet by itself when it has this many records. */
const tailLimitRows = 500_000;

/**
 * One source's complete history: Parquet files named by a manifest, and this process's tail. Several processes may
 * append the same records: each place is one sequence that only grows, and what the files hold of it counts.
 */
export interface SourceHistory {
  append(source: CompiledSource, records: readonly SourceRecord[]): Promise<void>;
  /** Writes what was appended before the call; what is appended meanwhile does not wait for it. */
  flush(): Promise<Positions>;
  durablePositions(): Promise<Positions>;
  /** Takes up what other processes have written. */
  refresh(): Promise<void>;
  /** What makes up the history as of the last refresh; ask and use it within one transaction. */
  contents(): HistoryContents;
  /** Waits for what is under way. The tail is not flushed: it comes again from the log. */
  close(): Promise<void>;
}

export interface HistoryContents {
  /** The tables of what is in no file yet. */
  readonly tailTables: readonly string[];
  /** What the files reach to, and what the tails do by now. */
  positions(): readonly Positions[];
  /** A query for all records in this layout: the files, then the tails. */
  selectAll(layout: readonly StoredField[]): string;
}

export async function openSourceHistory(
  instance: DuckDBInstance,
  folder: string,
  sourceName: string,
): Promise<SourceHistory> {
  let current = await openManifest(folder);
  let durable = positionsOf(current);
  let tail: Tail | null = null;
  /** Tails that get no more records, oldest first; each is here until files hold what it does. */
  const sealed: Tail[] = [];
  const removeLeftovers = createLeftovers(folder);
  let generation = 0;
  const appending = createTurns();
  const writing = createTurns();

  const take = (revision: Revision): void => {
    if (revision.number < current.number) return;
    current = revision;
    durable = positionsOf(revision);
  };
  const refresh = async (): Promise<void> => take(await newestRevision(folder, current));

  /** Only while nothing is being appended. */
  const seal = (): void => {
    if (tail !== null) sealed.push(tail);
    tail = null;
  };
  const writeSealed = (): Promise<void> =>
    writing(async () => {
      for (let oldest = sealed[0]; oldest !== undefined; oldest = sealed[0]) await writeTail(oldest);
    });
  const tails = (): readonly Tail[] => (tail === null ? sealed : [...sealed, tail]);

  const tailFor = async (source: CompiledSource): Promise<Tail> => {
    if (tail !== null && sameLayout(tail.layout, layoutOf(source))) return tail;
    if (tail !== null) {
      seal();
      await writeSealed();
    }
    generation += 1;
    tail = await openTail(instance, `asof_tail_${generation}_${sourceName}`, source);
    return tail;
  };

  /**
   * Commits `manifestUpon` of the newest revision, of which others may make more meanwhile; false when it gives null,
   * because they have made ours void.
   */
  const commit = async (manifestUpon: (base: Manifest) => Manifest | null): Promise<boolean> => {
    for (;;) {
      const next = manifestUpon(current.manifest);
      if (next === null) return false;
      const committed = await commitRevision(folder, current, next);
      if (committed !== null) {
        take(committed);
        return true;
      }
      await refresh();
    }
  };

  /** Writes of the tail what no file holds, names it in the manifest, and only then lets go of the tail. */
  const writeTail = async (written: Tail): Promise<void> => {
    written.settle();
    await refresh();
    // Before the first file, so that files without a manifest are always a history that lost it.
    if (current.number === 0) await commit((base) => base);
    while (written.rows > 0) {
      const from = durable;
      const beyond = written.beyond(from);
      const files = await writeHistoryFiles(
        instance,
        folder,
        `(FROM ${identifier(written.table)}${beyond === null ? '' : ` WHERE ${beyond}`})`,
      );
      if (files.files.length === 0) break;
      if (await commit((base) => withFiles(base, written.layout, files, from))) break;
      // Others have written records of these places: what is ours beyond them is written anew.
      await removeFiles(folder, files.files);
    }
    sealed.shift();
    await written.drop();
    await merge();
  };

  const merge = async (): Promise<void> => {
    const done = await mergeSmallFiles(instance, folder, current.manifest.files);
    if (done === null) return;
    const { replaced, merged } = done;
    await beginGrace(folder, replaced, merged[0]!);
    const gone = new Set(replaced.map(({ path }) => path));
    const isNamed = await commit((base) => {
      const files = base.files.filter(({ path }) => !gone.has(path));
      // Another process may have merged some of them already.
      return base.files.length - files.length < gone.size ? null : { ...base, files: [...files, ...merged] };
    });
    if (isNamed) await removeLeftovers(current.manifest.files, merged[0]!);
    else await removeFiles(folder, merged);
  };

  return {
    append: (source, records) =>
      appending(async () => {
        const held = (place: string): number =>
          Math.max(durable.get(place) ?? -1, ...tails().map((one) => one.newest(place) ?? -1));
        const fresh = unheld(records, held);
        for (let start = 0; start < fresh.length; start += tailLimitRows) {
          const open = await tailFor(source);
          open.append(fresh.slice(start, start + tailLimitRows));
          if (open.rows < tailLimitRows) continue;
          seal();
          await writeSealed();
        }
      }),
    async flush() {
      await appending(async () => seal());
      await writeSealed();
      await refresh();
      return durable;
    },
    async durablePositions() {
      await refresh();
      return durable;
    },
    refresh,
    async close() {
      await appending(async () => seal());
      await writing(async () => {
        for (const one of sealed.splice(0)) one.close();
      });
    },
    contents() {
      const { files, layouts } = current.manifest;
      const held = durable;
      const read = tails().map((one) => ({ one, beyond: one.beyond(held) }));
      for (const { one } of read) one.settle();
      return {
        tailTables: read.map(({ one }) => one.table),
        positions: () => [held, ...read.map(({ one }) => one.positions())],
        selectAll(wanted) {
          const parts = layouts.flatMap((layout, index) => {
            const paths = files.filter((file) => file.layout === index).map((file) => join(folder, file.path));
            if (paths.length === 0) return [];
            return [selectSql(`read_parquet(${textList(paths)}, hive_partitioning = false)`, wanted, layout)];
          });
          for (const { one, beyond } of read) {
            const select = selectSql(identifier(one.table), wanted, one.layout);
            parts.push(beyond === null ? select : `${select} WHERE ${beyond}`);
          }
          if (parts.length === 0) return emptySelect(wanted);
          return parts.join('\nUNION ALL\n');
        },
      };
    },
  };
}

/** Runs actions one after the other, in the order of the calls, whatever becomes of those before. */
function createTurns(): <T>(action: () => Promise<T>) => Promise<T> {
  let queue: Promise<unknown> = Promise.resolve();
  return (action) => {
    const result = queue.then(action);
    queue = result.catch(() => undefined);
    return result;
  };
}

/** The manifest with these files; null when one of their places has moved since they were written. */
function withFiles(
  base: Manifest,
  layout: readonly StoredField[],
  { files, positions }: WrittenFiles,
  from: Positions,
): Manifest | null {
  const isMoved = Object.keys(positions).some((place) => base.positions[place] !== from.get(place));
  if (isMoved) return null;
  const known = base.layouts.findIndex((stored) => sameLayout(stored, layout));
  const layouts = known >= 0 ? base.layouts : [...base.layouts, layout];
  const index = known >= 0 ? known : layouts.length - 1;
  return {
    version: 1,
    layouts,
    files: [...base.files, ...files.map((file) => ({ ...file, layout: index }))],
    positions: { ...base.positions, ...positions },
  };
}

/** Those beyond the offsets held of their places, and beyond what comes before them. */
function unheld(records: readonly SourceRecord[], held: (place: string) => number): readonly SourceRecord[] {
  const reached = new Map<string, number>();
  return runsOf(records).flatMap(({ place, run }) => {
    let last = reached.get(place) ?? held(place);
    const fresh = run.filter(({ offset }) => {
      if (offset <= last) return false;
      last = offset;
      return true;
    });
    reached.set(place, last);
    return fresh;
  });
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
