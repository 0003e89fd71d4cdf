import { CsvError, parse } from 'csv-parse/sync';
import { AsofError, type ErrorDetails } from '../../core/errors/asof-error.ts';
import type { InputRow } from './input-row.ts';

/**
 * The rows of a CSV text with a header. An empty field is NULL and `""` is the empty string.
 *
 * @throws AsofError BAD_INPUT naming file, line and column
 */
export function parseCsvText(file: string, text: string): InputRow[] {
  let header: readonly string[] = [];
  try {
    const records = parse(text, {
      columns: (names: readonly string[]) => {
        header = names;
        return checkHeader(file, names);
      },
      info: true,
      skip_empty_lines: true,
      cast: (value, { quoting, header }) => (value === '' && !quoting && !header ? null : value),
    }) as unknown as { readonly info: { readonly lines: number }; readonly record: Record<string, unknown> }[];
    return records.map(({ info, record }) => ({ place: `${file}:${info.lines}`, values: record }));
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw notCsv(file, cause, header);
  }
}

function checkHeader(file: string, names: readonly string[]): string[] {
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated === undefined) return [...names];
  throw new AsofError('BAD_INPUT', 'a column stands twice in the header', {
    path: `${file}:1, column ${JSON.stringify(repeated)}`,
    remedy: 'Rename one of them.',
  });
}

function notCsv(file: string, cause: CsvError, header: readonly string[]): AsofError {
  const line = typeof cause.lines === 'number' ? `:${cause.lines}` : '';
  const column = typeof cause.column === 'string' ? `, column ${JSON.stringify(cause.column)}` : '';
  const { message, ...details } = faultOf(cause, header);
  return new AsofError('BAD_INPUT', message, { path: `${file}${line}${column}`, ...details }, { cause });
}

interface Fault extends ErrorDetails {
  readonly message: string;
}

/** What the library found, in our words; it may find more than is told apart here. */
function faultOf(cause: CsvError, header: readonly string[]): Fault {
  switch (cause.code) {
    case 'CSV_RECORD_INCONSISTENT_COLUMNS': {
      const { length } = cause.record as readonly unknown[];
      return {
        message: 'a line has more or fewer fields than the header',
        expected: `${fields(header.length)}: ${header.join(', ')}`,
        got: fields(length),
        remedy: delimiterHint(header) ?? 'Put a field that has a comma between quotes, and leave no field out.',
      };
    }
    case 'CSV_QUOTE_NOT_CLOSED':
      return {
        message: 'a quoted field does not end',
        expected: 'a quote at its end',
        got: 'the end of the file',
        remedy: `Close the quote; inside of a field write it twice.`,
      };
    case 'INVALID_OPENING_QUOTE':
      return {
        message: 'a quote stands inside of a field that does not begin with one',
        expected: 'quotes around a whole field',
        got: 'a quote in the middle',
        remedy: 'Put the whole field between quotes and write those inside of it twice.',
      };
    case 'CSV_INVALID_CLOSING_QUOTE':
      return {
        message: 'a quoted field goes on behind its end',
        expected: 'a comma or the end of the line after the quote',
        got: 'more text',
        remedy: 'Write quotes inside of the field twice.',
      };
    default:
      return { message: `not CSV: ${cause.message}` };
  }
}

function fields(count: number): string {
  return `${count} ${count === 1 ? 'field' : 'fields'}`;
}

/** For a header that is one column, though its name looks like several; null for any other. */
export function delimiterHint(header: readonly string[]): string | null {
  const [name = '', second] = header;
  const delimiter = second === undefined ? [';', '\t'].find((candidate) => name.includes(candidate)) : undefined;
  if (delimiter === undefined) return null;
  const called = delimiter === ';' ? 'semicolons' : 'tabs';
  return `Its one column ${JSON.stringify(name)} looks like several, with ${called} between them: write commas.`;
}
