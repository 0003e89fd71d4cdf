import { createHash } from 'node:crypto';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join as joinPath } from 'node:path';
import type { CompiledSource } from '../../core/definitions/compiled.ts';
import type { JoinRequest, OfflineStore } from '../../core/ports/offline-store.ts';
import { recordShape } from '../../core/records/record-shape.ts';
import { readBatchRows } from './batch.ts';
import { openEngine, openSession, type Session } from './engine.ts';
import { registerExactFunctions } from './exact-functions.ts';
import { createExpressionCompiler } from './expression-function.ts';
import { readFirstRows } from './first-rows.ts';
import { type HistoryContents, openSourceHistory, type SourceHistory } from './history.ts';
import { registerDerived } from './join/derived.ts';
import { runJoin } from './join/join.ts';
import { membersToJoin } from './join/on-demand.ts';
import { datasetSql, streamRows, writeRows } from './join/result.ts';
import { describeSpineColumns } from './join/spine.ts';
import { readRecordsOfKey } from './key-records.ts';
import { openSpillFolder } from './leftovers.ts';
import { identifier } from './quoting.ts';
import { layoutOf } from './record-table.ts';

import { scanRecordsByKey } from './scan.ts';
import { isBeyond, throughSql } from './through.ts';

export interface DuckDbOfflineStoreOptions {
  /**
   * Holds one folder of Parquet files per source and shape of its records. Several processes may share it, on a file
   * system with hard links.
   */
  readonly folder: string;
  /** As DuckDB spells it; beyond it, joins and sorts spill to disk. Default 1GB. */
  readonly memoryLimit?: string;
  /** Default 2. */
  readonly threads?: number;
  /** Spine rows that a join works on at once, which bounds what it takes beside its histories. Default 1,000,000. */
  readonly sliceRows?: number;
}

/** Opens the offline store: DuckDB over Parquet files, with the newest records in memory until they are flushed. */
export async function createDuckDbOfflineStore(options: DuckDbOfflineStoreOptions): Promise<OfflineStore> {
  const { folder, memoryLimit = '1GB', threads = 2, sliceRows = 1_000_000 } = options;
  await mkdir(folder, { recursive: true });
  const spillFolder = await openSpillFolder(folder);
  const instance = await openEngine({ spillFolder, memoryLimit, threads });
  const registrar = await instance.connect();
  registerExactFunctions(registrar);
  const expressions = createExpressionCompiler(registrar);
  const histories = new Map<string, Promise<SourceHistory>>();

  const historyOf = (source: CompiledSource): Promise<SourceHistory> => {
    const name = historyName(source);
    let history = histories.get(name);
    if (history === undefined) {
      history = openSourceHistory(instance, joinPath(folder, name), name);
      histories.set(name, history);
      history.catch(() => histories.delete(name));
    }
    return history;
  };

  /** Runs in one transaction that sees every record of these sources exactly once, whatever is flushed meanwhile. */
  async function openSnapshot(
    sources: readonly CompiledSource[],
    { signal, through }: { readonly signal?: AbortSignal | undefined; readonly through?: JoinRequest['through'] } = {},
  ): Promise<Snapshot> {
    const open = new Map<string, SourceHistory>();
    for (const source of sources) open.set(historyName(source), await historyOf(source));
    const session = await openSession(instance, signal);
    try {
      for (;;) {
        await Promise.all([...open.values()].map((history) => history.refresh()));
        const contents = new Map([...open].map(([name, history]) => [name, history.contents()]));
        await session.run('BEGIN');
        if (await pinTails(session, [...contents.values()])) {
          return {
            session,
            history(source) {
              const content = contents.get(historyName(source))!;
              const all = content.selectAll(layoutOf(source));
              const limit = through?.get(source.name);
              if (limit === undefined || !content.positions().some((held) => isBeyond(held, limit))) return all;
              return `SELECT * FROM (${all}) WHERE ${throughSql(limit)}`;
            },
          };
        }
        await session.run('ROLLBACK');
      }
    } catch (cause) {
      session.close();
      throw cause;
    }
  }

  async function openJoin(request: JoinRequest): Promise<Snapshot> {
    registerExpressions(request);
    const sources = membersToJoin(request).map(({ view }) => view.source);
    if (request.spine.kind === 'sql') sources.push(...request.sources);
    return await openSnapshot(sources, request);
  }

  /** A transaction sees only the functions that were registered before it began. */
  function registerExpressions(request: JoinRequest): void {
    for (const { view } of membersToJoin(request)) {
      registerDerived(view, expressions);
      for (const { input, where, by } of view.accumulators) {
        for (const expression of [input, where, by]) {
          if (expression !== null) expressions.toSql(expression, view.source.fields);
        }
      }
    }
    for (const { view } of request.service?.onDemand ?? []) {
      const inputs = view.inputs.map(({ type }) => ({ type, sql: 'NULL' }));
      for (const { expression } of view.features) expressions.call(expression, inputs);
    }
  }

  return {
    name: 'duckdb',
    append: async (source, records) => (await historyOf(source)).append(source, records),
    flush: async (source) => (await historyOf(source)).flush(),
    durablePositions: async (source) => (await historyOf(source)).durablePositions(),
    readBatch: (source, baseFolder, signal) => readBatchRows(instance, source, baseFolder, signal),
    async *scanByKey(view, options = {}) {
      const { session, history } = await openSnapshot([view.source], { signal: options.signal });
      try {
        yield* scanRecordsByKey(session, view, history(view.source), options);
      } finally {
        session.close();
      }
    },
    async recordsOfKey(view, request) {
      if (request.key.includes(null)) return [];
      const { session, history } = await openSnapshot([view.source], { signal: request.signal });
      try {
        return await readRecordsOfKey(session, view, history(view.source), request);
      } finally {
        session.close();
      }
    },
    async *join(request) {
      const { session, history } = await openJoin(request);
      try {
        const result = await runJoin({ session, expressions, sliceRows, withViewStatus: true, history }, request);
        let done = 0;
        for await (const rows of streamRows(session, result, request.signal)) {
          yield rows;
          done += rows.length;
        }
        request.onProgress?.(done, done);
      } finally {
        session.close();
      }
    },
    async joinToParquet(request, file) {
      const { session, history } = await openJoin(request);
      const unfinished = `${file}.unfinished`;
      try {
        const result = await runJoin({ session, expressions, sliceRows, withViewStatus: false, history }, request);
        const { rows } = result.spine;
        await mkdir(dirname(file), { recursive: true });
        const sql = datasetSql(result, expressions, request.withStatus);
        await writeRows(session, result, sql, unfinished);
        await rename(unfinished, file);
        request.onProgress?.(rows, rows);
        return { rows, fileBytes: (await stat(file)).size };
      } finally {
        session.close();
        await rm(unfinished, { force: true });
      }
    },
    readParquet: (file, limit) => readFirstRows(instance, file, limit),
    async describeSpine(spine, sources) {
      const snapshot = await openSnapshot(spine.kind === 'sql' ? sources : []);
      try {
        return await describeSpineColumns(snapshot, spine, sources);
      } finally {
        snapshot.session.close();
      }
    },
    async [Symbol.asyncDispose]() {
      for (const history of histories.values()) await (await history).close();
      registrar.closeSync();
      instance.closeSync();
      await rm(spillFolder, { recursive: true, force: true });
    },
  };
}

interface Snapshot {
  readonly session: Session;
  readonly history: (source: CompiledSource) => string;
}

/** Reads from each tail once, which fixes what the transaction sees; false when one was flushed just now. */
async function pinTails(session: Session, contents: readonly HistoryContents[]): Promise<boolean> {
  try {
    for (const { tailTables } of contents) {
      for (const table of tailTables) await session.run(`SELECT 1 FROM ${identifier(table)} LIMIT 0`);
    }
    return true;
  } catch {
    return contents.every(({ tailTables }) => tailTables.length === 0);
  }
}

/**
 * The folder of a source's history, below the source's own. Each shape of its records has one, filled from the log and the files:
 * what was made by an earlier shape lacks the fields of the next. Names with other characters get a hash, so that no
 * name leaves the store's folder.
 */
function historyName(source: CompiledSource): string {
  const { name } = source;
  const isPlain = /^[a-z0-9_-]{1,64}$/.test(name);
  const plain = isPlain ? name : `source-${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;
  return `${plain}/${recordShape(source)}`;
}
