import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { AsofError } from '../../core/errors/asof-error.ts';
import { parseJson } from '../../core/values/parse-json.ts';
import { jsonErrorPlace } from '../definitions/json-error-place.ts';
import { lineAndColumn } from '../definitions/line-and-column.ts';
import { type InputRow, isJsonObject } from './input-row.ts';
import { parseCsvText } from './parse-csv.ts';
import { readParquet } from './read-parquet.ts';

/**
 * The rows of a small NDJSON, CSV or Parquet file, by its extension. In CSV an empty field is NULL and `""` is the
 * empty string.
 *
 * @throws AsofError BAD_INPUT naming file, line and column
 */
export async function readTable(file: string): Promise<InputRow[]> {
  requireFile(file);
  switch (extname(file).toLowerCase()) {
    case '.ndjson':
    case '.jsonl':
    case '.json':
      return parseNdjson(file, await readText(file));
    case '.csv':
      return parseCsvText(file, await readText(file));
    case '.parquet':
      return (await readParquet(file)).map((values, index) => ({ place: `${file} row ${index + 1}`, values }));
    default:
      throw new AsofError('BAD_INPUT', 'rows of an unknown format', {
        path: file,
        expected: 'a .ndjson, .csv or .parquet file',
        got: extname(file) || 'no extension',
      });
  }
}

/**
 * The text of a UTF-8 file without its byte order mark.
 *
 * @throws AsofError BAD_INPUT naming the file, and the line and column where it is not UTF-8
 */
export async function readText(file: string): Promise<string> {
  requireFile(file);
  const bytes = await readFile(file);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    const lenient = bytes.toString('utf8');
    const place = `${file}:${lineAndColumn(lenient, lenient.indexOf('\uFFFD'))}`;
    throw new AsofError('BAD_INPUT', 'not UTF-8', { path: place, remedy: 'Save it as UTF-8.' }, { cause });
  }
}

function requireFile(file: string): void {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) {
    throw new AsofError('BAD_INPUT', 'there is no such file', { path: file, remedy: 'Check the path.' });
  }
  if (!found.isDirectory()) return;
  throw new AsofError('BAD_INPUT', 'cannot be read', { path: file, expected: 'a file', got: 'a folder' });
}

/** One JSON object a line; empty lines are skipped. */
export function parseNdjson(file: string, text: string): InputRow[] {
  const rows: InputRow[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const place = `${file}:${index + 1}`;
    const values = parseLine(place, line);
    if (!isJsonObject(values)) {
      throw new AsofError('BAD_INPUT', 'not a row', {
        path: `${place}:1`,
        expected: 'a JSON object',
        got: line.slice(0, 60),
        remedy: oneALine,
      });
    }
    rows.push({ place, values });
  }
  return rows;
}

const oneALine = 'Write one JSON object on each line (NDJSON).';

function parseLine(place: string, line: string): unknown {
  try {
    return parseJson(line);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const [, column] = jsonErrorPlace(line).split(':');
    throw new AsofError('BAD_INPUT', message, { path: `${place}:${column}`, remedy: oneALine }, { cause });
  }
}

export function isJson(text: string): boolean {
  try {
    parseJson(text);
    return true;
  } catch {
    return false;
  }
}
