import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { CsvError, parse as parseCsv } from 'csv-parse/sync';
import { AsofError } from '../../core/errors/asof-error.ts';
import { parseJson } from '../../core/values/parse-json.ts';
import { jsonErrorPlace } from '../definitions/json-error-place.ts';
import type { InputRow } from './input-row.ts';
import { readParquet } from './read-parquet.ts';

/**
 * The rows of a small NDJSON, CSV or Parquet file, by its extension. In CSV an empty field is NULL and `""` is the
 * empty string.
 *
 * @throws AsofError BAD_INPUT naming file, line and column
 */
export async function readTable(file: string): Promise<InputRow[]> {
  if (!existsSync(file)) {
    throw new AsofError('BAD_INPUT', 'there is no such file', { path: file, remedy: 'Check the path.' });
  }
  switch (extname(file).toLowerCase()) {
    case '.ndjson':
    case '.jsonl':
    case '.json':
      return parseNdjson(file, await readFile(file, 'utf8'));
    case '.csv':
      return parseCsvText(file, await readFile(file, 'utf8'));
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

/** One JSON object a line; empty lines are skipped. */
export function parseNdjson(file: string, text: string): InputRow[] {
  const rows: InputRow[] = [];
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    if (line.trim() === '') continue;
    const place = `${file}:${index + 1}`;
    const values = parseLine(place, line);
    if (typeof values !== 'object' || values === null || Array.isArray(values)) {
      throw new AsofError('BAD_INPUT', 'not a row', {
        path: `${place}:1`,
        expected: 'a JSON object',
        got: line.slice(0, 60),
      });
    }
    rows.push({ place, values: values as Readonly<Record<string, unknown>> });
  }
  return rows;
}

function parseLine(place: string, line: string): unknown {
  try {
    return parseJson(line);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const [, column] = jsonErrorPlace(line).split(':');
    throw new AsofError('BAD_INPUT', message, { path: `${place}:${column}` }, { cause });
  }
}

function parseCsvText(file: string, text: string): InputRow[] {
  try {
    const records = parseCsv(text, {
      bom: true,
      columns: true,
      info: true,
      skip_empty_lines: true,
      cast: (value, { quoting, header }) => (value === '' && !quoting && !header ? null : value),
    }) as unknown as { readonly info: { readonly lines: number }; readonly record: Record<string, unknown> }[];
    return records.map(({ info, record }) => ({ place: `${file}:${info.lines}`, values: record }));
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    const line = typeof cause.lines === 'number' ? `:${cause.lines}` : '';
    const column = typeof cause.column === 'string' ? `, column ${JSON.stringify(cause.column)}` : '';
    throw new AsofError('BAD_INPUT', cause.message, { path: `${file}${line}${column}` }, { cause });
  }
}
