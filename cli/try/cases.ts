import { dirname } from 'node:path';
import type { Definitions } from '../../core/definitions/model.ts';
import { parseDefinitions } from '../../core/definitions/parse.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { JoinMode } from '../../core/ports/offline-store.ts';
import { definedIn } from '../definitions/defined-in.ts';
import { type DefinitionsReader, definitionsReader } from './case-definitions.ts';
import { readCaseRows } from './case-file.ts';
import { caseNotes } from './case-notes.ts';
import type { TryCase } from './evaluate.ts';
import { columnOf, type InputRow, isJsonObject } from './input-row.ts';

export interface NamedCase {
  readonly name: string;
  /** What of it may surprise before it is run. */
  readonly notes: readonly string[];
  /** What it says of its answers; undefined = nothing. */
  readonly expected: unknown;
  /** Its definitions are read only when it is run, so that one bad case does not stop the others. */
  load(): Promise<TryCase>;
}

/**
 * Many cases in one file: NDJSON of `{name, definitions, rows: {SOURCE: […]}, spine: […], mode, expected}`, or one JSON
 * object or array of them. `definitions` is canonical JSON, the name of a file beside this one, or the text of a
 * TypeScript module.
 *
 * @param mode of cases that name none
 * @throws AsofError BAD_INPUT naming file, line and column
 */
export async function readCases(file: string, mode: JoinMode): Promise<NamedCase[]> {
  const rows = await readCaseRows(file);
  const folder = dirname(file);
  const read = definitionsReader(folder);
  const places = new Map<string, string>();
  return rows.map((row, index) => {
    const given = columnOf(row, 'name');
    const name = typeof given === 'string' ? given : `case ${index + 1}`;
    const notes = caseNotes(row, places.get(name) ?? null);
    places.set(name, row.place);
    return { name, notes, expected: columnOf(row, 'expected'), load: () => parseCase(row, folder, { read, mode }) };
  });
}

interface CaseSurroundings {
  readonly read: DefinitionsReader;
  /** Of a case that names none. */
  readonly mode: JoinMode;
}

/** One case. `folder` is where definitions files are looked for. */
export async function parseCase(
  row: InputRow,
  folder: string,
  surroundings: CaseSurroundings = { read: definitionsReader(folder), mode: 'AS_SERVED' },
): Promise<TryCase> {
  const { place, values } = row;
  const { rows = {}, spine } = values;
  const fail = (path: string, expected: string) => {
    throw new AsofError('BAD_INPUT', 'a case is not complete', { path: `${place}, ${path}`, expected });
  };
  if (!isJsonObject(rows)) return fail('rows', 'an object: source name → array of rows');
  if (!Array.isArray(spine)) return fail('spine', 'an array of rows');
  const ownMode = columnOf(row, 'mode');
  return {
    definitions: await definitionsOf(row, surroundings.read),
    rows: new Map(
      Object.entries(rows).map(([source, list]) => [
        source,
        [{ origin: source, rows: inputRows(list, `${place}, rows.${source}`) }],
      ]),
    ),
    spine: inputRows(spine, `${place}, spine`),
    mode: ownMode === undefined ? surroundings.mode : parseMode(ownMode ?? 'AS_SERVED', `${place}, mode`),
    strict: false,
    places: {
      definitions: `${place}, definitions`,
      mode: `${place}, ${ownMode === undefined ? '--mode' : 'mode'}`,
      rows: (source) => `${place}, rows.${source}`,
    },
  };
}

async function definitionsOf(row: InputRow, read: DefinitionsReader): Promise<Definitions> {
  const definitions = columnOf(row, 'definitions');
  const path = `${row.place}, definitions`;
  if (definitions === undefined || definitions === null) {
    throw new AsofError('BAD_DEFINITION', 'a case has no definitions', {
      path,
      expected: 'canonical JSON, the name of a file beside this one, or the text of a TypeScript module',
      got: definitions === null ? 'null' : 'nothing',
    });
  }
  return definedIn(path, () => (typeof definitions === 'string' ? read(definitions) : parseDefinitions(definitions)));
}

/** @throws AsofError BAD_INPUT for anything but the two modes */
export function parseMode(mode: unknown, path: string): JoinMode {
  if (mode === 'AS_SERVED' || mode === 'EVENT_TIME') return mode;
  throw new AsofError('BAD_INPUT', 'an unknown mode', {
    path,
    expected: 'AS_SERVED or EVENT_TIME',
    got: JSON.stringify(mode),
  });
}

function inputRows(list: unknown, path: string): InputRow[] {
  if (!Array.isArray(list)) throw new AsofError('BAD_INPUT', 'not rows', { path, expected: 'an array of objects' });
  return list.map((values: unknown, index) => {
    const place = `${path}[${index}]`;
    if (!isJsonObject(values))
      throw new AsofError('BAD_INPUT', 'not a row', { path: place, expected: 'a JSON object' });
    return { place, values };
  });
}
