import { readdirSync, readFileSync } from 'node:fs';
import { parseCase } from '../../cli/try/cases.ts';
import type { TryAnswer, TryCase } from '../../cli/try/evaluate.ts';
import type { CellStatus } from '../../core/definitions/compiled.ts';
import { parseJson } from '../../core/values/parse-json.ts';

/** What a case says of one spine row: only what is named is compared. */
export interface ExpectedAnswer {
  readonly values?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, CellStatus>>;
  readonly view?: TryAnswer['view'];
}

/** One file of a folder of cases. */
export interface CaseFile {
  readonly file: string;
  readonly name: string;
  /** Whether the online store can be asked: it knows neither EVENT_TIME nor a `__knownAt` of its own. */
  readonly isOnline: boolean;
  readonly expected: readonly ExpectedAnswer[];
  load(): Promise<TryCase>;
}

/** Reads every case of a folder, in the order of the files' names. */
export function readCaseFiles(folder: URL): CaseFile[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return files.sort().map((file) => {
    const text = readFileSync(new URL(file, folder), 'utf8');
    // Rows keep every digit; what is expected is compared with JSON as clients parse it.
    const values = parseJson(text) as Readonly<Record<string, unknown>>;
    const { name, mode, spine, expected } = JSON.parse(text) as {
      readonly name: string;
      readonly mode?: string;
      readonly spine: readonly { readonly __time: string; readonly __knownAt?: string | null }[];
      readonly expected: readonly ExpectedAnswer[];
    };
    const isOnline = mode !== 'EVENT_TIME' && spine.every((row) => (row.__knownAt ?? row.__time) === row.__time);
    return { file, name, isOnline, expected, load: () => parseCase({ place: file, values }, folder.pathname) };
  });
}

/** The parts of an answer that a case names, in the same shape; so that a difference is shown as one. */
export function namedParts(answer: TryAnswer | undefined, expected: ExpectedAnswer): ExpectedAnswer {
  const pick = (from: Readonly<Record<string, unknown>> | undefined, like: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(Object.keys(like).map((name) => [name, from?.[name]]));
  return {
    ...(expected.values && { values: pick(answer?.values, expected.values) }),
    ...(expected.status && { status: pick(answer?.status, expected.status) as ExpectedAnswer['status'] }),
    ...(expected.view && { view: pick(answer?.view, expected.view) as ExpectedAnswer['view'] }),
  } as ExpectedAnswer;
}
