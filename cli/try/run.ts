import type { CompiledSource } from '../../core/definitions/compiled.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { JoinMode } from '../../core/ports/offline-store.ts';
import { loadDefinitions } from '../definitions/load.ts';
import { readCases } from './cases.ts';
import { evaluateCase, type TryAnswer, type TryCase } from './evaluate.ts';
import { createDuckDbExecutor } from './executors/duckdb.ts';
import { createOnlineExecutor } from './executors/online.ts';
import { createOracleExecutor } from './executors/oracle.ts';
import { differences } from './expected.ts';
import type { RowFile } from './history.ts';
import type { TryExecutor, TryExecutorName } from './question.ts';
import { readTable } from './read-table.ts';
import { rowWarnings, spineWarnings } from './warnings.ts';

export interface TryOptions {
  readonly definitions: string;
  /** SOURCE=FILE; a source may be named several times. */
  readonly rows: readonly string[];
  readonly spine: string;
  readonly executor: TryExecutorName;
  readonly mode: JoinMode;
  /** Hears of what may surprise: rows for the dead letters, values that became NULL, columns that are not there. */
  readonly warn: (text: string) => void;
}

/**
 * Evaluates definitions on small files: one answer for each spine row, in its order.
 *
 * @throws AsofError BAD_DEFINITION, UNKNOWN_NAME, or BAD_INPUT naming file, line and column
 */
export async function runTry(options: TryOptions): Promise<readonly TryAnswer[]> {
  await using executor = createTryExecutor(options.executor);
  const definitions = await loadDefinitions(options.definitions);
  const spine = await readTable(options.spine);
  const rows = await readRowFiles(options.rows);
  const places = { definitions: options.definitions, mode: '--mode', rows: (source: string) => `--rows ${source}` };
  const input = { definitions, rows, spine, mode: options.mode, strict: true, places };
  return evaluateAloud(input, { executor, spineName: options.spine, warn: options.warn });
}

interface Evaluation {
  readonly executor: TryExecutor;
  /** How warnings name the spine. */
  readonly spineName: string;
  readonly warn: (text: string) => void;
}

/** The answers, after telling what may surprise. */
async function evaluateAloud(input: TryCase, { executor, spineName, warn }: Evaluation): Promise<readonly TryAnswer[]> {
  const { answers, histories, inputs, views, failedCalls, anomalies } = await evaluateCase(input, executor);
  const keysOf = (source: CompiledSource) => {
    const ofSource = views.filter((view) => view.source.name === source.name);
    return new Set(ofSource.flatMap(({ key }) => key.map(({ column }) => source.fields[column]!.name)));
  };
  const ofSpine = spineWarnings(spineName, input.spine, inputs);
  const ofRows = histories.flatMap((history) => {
    const { source } = history;
    return rowWarnings(history, input.rows.get(source.name) ?? [], keysOf(source));
  });
  // Views that opted out of the known-at rule have a history of the same rows of their own.
  for (const text of new Set([...ofSpine, ...ofRows, ...failedCalls, ...anomalies()])) warn(text);
  return answers;
}

export type TryCaseResult =
  | {
      readonly name: string;
      readonly rows: readonly TryAnswer[];
      /** From what the case expects; null = that was not asked for. */
      readonly differences: readonly string[] | null;
    }
  | { readonly name: string; readonly error: AsofError };

export interface TryCasesOptions {
  readonly executor: TryExecutorName;
  /** Of cases that name none. */
  readonly mode: JoinMode;
  /** Whether answers are compared with what cases expect; default: no. */
  readonly check?: boolean;
  /** Hears of what may surprise, as with one case in files. */
  readonly warn: (text: string) => void;
}

/** Runs every case of a file; a case that fails is told and the others go on. */
export async function* runTryCases(file: string, options: TryCasesOptions): AsyncGenerator<TryCaseResult> {
  await using executor = createTryExecutor(options.executor);
  const cases = await readCases(file, options.mode);
  if (cases.length === 0) options.warn(`${file} has no cases.`);
  for (const { name, notes, expected, load } of cases) {
    const warn = (text: string) => options.warn(`case ${JSON.stringify(name)}: ${text}`);
    notes.forEach(warn);
    if (expected !== undefined && options.check !== true) warn('"expected" is not compared: add --check.');
    try {
      const rows = await evaluateAloud(await load(), { executor, spineName: 'the spine', warn });
      yield { name, rows, differences: options.check === true ? differences(expected, rows) : null };
    } catch (error) {
      if (!(error instanceof AsofError)) throw error;
      yield { name, error };
    }
  }
}

/** The executor of this name; closing it removes what it stored. */
export function createTryExecutor(name: TryExecutorName): TryExecutor {
  switch (name) {
    case 'oracle':
      return createOracleExecutor();
    case 'duckdb':
      return createDuckDbExecutor();
    case 'online':
      return createOnlineExecutor();
  }
}

/** The rows of SOURCE=FILE pairs, by source. */
export async function readRowFiles(pairs: readonly string[]): Promise<Map<string, RowFile[]>> {
  const files = new Map<string, RowFile[]>();
  for (const pair of pairs) {
    const [, source, file] = /^([^=]+)=(.+)$/.exec(pair) ?? [];
    if (source === undefined || file === undefined) {
      throw new AsofError('BAD_INPUT', 'rows without a source', { path: '--rows', expected: 'SOURCE=FILE', got: pair });
    }
    files.set(source, [...(files.get(source) ?? []), { origin: file, rows: await readTable(file) }]);
  }
  return files;
}
