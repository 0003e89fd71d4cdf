import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Definitions } from '../../core/definitions/model.ts';
import { parseDefinitions } from '../../core/definitions/parse.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { JoinMode } from '../../core/ports/offline-store.ts';
import { loadDefinitions } from '../definitions/load.ts';
import type { TryCase } from './evaluate.ts';
import type { InputRow } from './input-row.ts';
import { parseNdjson, readText } from './read-table.ts';

export interface NamedCase {
  readonly name: string;
  /** Its definitions are read only when it is run, so that one bad case does not stop the others. */
  load(): Promise<TryCase>;
}

/**
 * Many cases in one file: NDJSON of `{name, definitions, rows: {SOURCE: […]}, spine: […], mode}`. `definitions` is
 * canonical JSON, the name of a file beside this one, or the text of a TypeScript module.
 *
 * @param mode of cases that name none
 * @throws AsofError BAD_INPUT naming file, line and column
 */
export async function readCases(file: string, mode: JoinMode): Promise<NamedCase[]> {
  const lines = parseNdjson(file, await readText(file));
  const folder = dirname(file);
  const read = definitionsReader(folder);
  return lines.map(({ place, values }, index) => {
    const { name } = values;
    return {
      name: typeof name === 'string' ? name : `case ${index + 1}`,
      load: () => parseCase({ place, values: { mode, ...values } }, folder, read),
    };
  });
}

/** One case. `folder` is where definitions files are looked for. */
export async function parseCase(
  { place, values }: InputRow,
  folder: string,
  read = definitionsReader(folder),
): Promise<TryCase> {
  const { definitions, rows = {}, spine, mode } = values;
  const fail = (path: string, expected: string) => {
    throw new AsofError('BAD_INPUT', 'a case is not complete', { path: `${place}, ${path}`, expected });
  };
  if (!isObject(rows)) return fail('rows', 'an object: source name → array of rows');
  if (!Array.isArray(spine)) return fail('spine', 'an array of rows');
  return {
    definitions: typeof definitions === 'string' ? await read(definitions) : parseDefinitions(definitions),
    rows: new Map(
      Object.entries(rows).map(([source, list]) => [
        source,
        [{ origin: source, rows: inputRows(list, `${place}, rows.${source}`) }],
      ]),
    ),
    spine: inputRows(spine, `${place}, spine`),
    mode: parseMode(mode ?? 'AS_SERVED', place),
    strict: false,
  };
}

type DefinitionsReader = (text: string) => Promise<Definitions>;

/** Reads what cases name or write out, each once: many share their definitions, and a module takes a while to load. */
function definitionsReader(folder: string): DefinitionsReader {
  const known = new Map<string, Promise<Definitions>>();
  return (text) => {
    const found = known.get(text) ?? definitionsOf(text, folder);
    known.set(text, found);
    return found;
  };
}

/** What no file name has: the text of a module does. */
const moduleText = /\n|from ['"]asof['"]/;

/** From a file, or from the text of a TypeScript module. */
async function definitionsOf(text: string, folder: string): Promise<Definitions> {
  if (!moduleText.test(text)) return loadDefinitions(resolve(folder, text));
  const written = await mkdtemp(join(tmpdir(), 'asof-try-'));
  try {
    const file = join(written, 'definitions.ts');
    await writeFile(file, text);
    return await loadDefinitions(file);
  } finally {
    await rm(written, { recursive: true, force: true });
  }
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
    if (!isObject(values)) throw new AsofError('BAD_INPUT', 'not a row', { path: place, expected: 'a JSON object' });
    return { place, values };
  });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
