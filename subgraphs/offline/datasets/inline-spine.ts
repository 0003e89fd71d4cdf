import { AsofError } from '../../../core/errors/asof-error.ts';
import { nearest } from '../../../core/errors/nearest.ts';
import { missingRequestInput, parseRequestInput, type RequestInput } from '../../../core/on-demand/request-input.ts';
import type { Spine } from '../../../core/ports/offline-store.ts';
import { parseInstant, parseValue } from '../../../core/values/parse.ts';
import type { Field, Instant, Value, ValueType } from '../../../core/values/types.ts';

type Row = Readonly<Record<string, unknown>>;
type RowsSpine = Extract<Spine, { kind: 'rows' }>;

/** What it must have; see ChosenFeatures. */
export interface SpineColumns {
  readonly joinColumns: readonly Field[];
  readonly requestInputs: readonly RequestInput[];
}

export interface InlineSpine {
  readonly rows: readonly unknown[];
  readonly timeColumn: string;
  readonly knownAtColumn: string | null;
}

/**
 * Rows as JSON gave them, as typed columns. Join columns and request inputs have their declared types; the type of any
 * other column is that of its values: bool, int64, float64 or string. The time column is kept like the others.
 *
 * @throws AsofError BAD_INPUT naming the row and column
 */
export function inlineSpine(
  { rows, timeColumn, knownAtColumn }: InlineSpine,
  { joinColumns, requestInputs }: SpineColumns,
): RowsSpine {
  const objects = rows.map(asRow);
  const names = [...new Set(objects.flatMap(Object.keys))];
  for (const { name } of joinColumns) requireColumn(names, name);
  for (const input of requestInputs) {
    if (!names.includes(input.name)) throw missingRequestInput(input, 'spine.rows', `rows with ${names.join(', ')}`);
  }
  requireColumn(names, timeColumn);
  if (knownAtColumn !== null) requireColumn(names, knownAtColumn);
  const inputs = new Map(requestInputs.map((input) => [input.name, input]));
  const types = new Map<string, ValueType>([...joinColumns, ...requestInputs].map(({ name, type }) => [name, type]));
  types.set(timeColumn, { kind: 'timestamp' });
  if (knownAtColumn !== null) types.set(knownAtColumn, { kind: 'timestamp' });
  const columns = names.map((name): Field => ({ name, type: types.get(name) ?? inferType(objects, name) }));
  const times: Instant[] = [];
  const knownAt: (Instant | null)[] = [];
  const values = objects.map((row, index) => {
    times.push(timeOf(row, timeColumn, index));
    knownAt.push(knownAtColumn === null || row[knownAtColumn] == null ? null : timeOf(row, knownAtColumn, index));
    return columns.map(({ name, type }): Value => {
      const path = `spine.rows.${index}.${name}`;
      const input = inputs.get(name);
      return input === undefined ? parseValue(type, row[name], path) : parseRequestInput(input, row[name], path);
    });
  });
  return { kind: 'rows', columns, rows: values, times, knownAt };
}

function asRow(row: unknown, index: number): Row {
  if (typeof row === 'object' && row !== null && !Array.isArray(row)) return row as Row;
  throw new AsofError('BAD_INPUT', 'a spine row is not an object', {
    path: `spine.rows.${index}`,
    expected: 'an object with the join keys and the time',
    got: JSON.stringify(row)?.slice(0, 60) ?? typeof row,
  });
}

function requireColumn(names: readonly string[], name: string): void {
  if (names.includes(name)) return;
  const closest = nearest(name, names);
  throw new AsofError('BAD_INPUT', `the spine has no column "${name}"`, {
    path: 'spine.rows',
    expected: `the column "${name}"`,
    got: names.length === 0 ? 'no rows' : names.join(', '),
    ...(closest === null ? {} : { remedy: `Did you mean "${closest}"?` }),
  });
}

function timeOf(row: Row, column: string, index: number): Instant {
  const path = `spine.rows.${index}.${column}`;
  const input = row[column];
  if (input === null || input === undefined) {
    throw new AsofError('BAD_INPUT', 'a spine row has no time', { path, expected: 'an instant', got: 'null' });
  }
  return parseInstant(input, path);
}

/** The narrowest type that holds every value of the column. */
function inferType(rows: readonly Row[], name: string): ValueType {
  const kinds = new Set<'bool' | 'int64' | 'float64' | 'string'>();
  for (const [index, row] of rows.entries()) {
    const value = row[name];
    if (value === null || value === undefined) continue;
    if (typeof value === 'boolean') kinds.add('bool');
    else if (typeof value === 'bigint' || Number.isSafeInteger(value)) kinds.add('int64');
    else if (typeof value === 'number') kinds.add('float64');
    else if (typeof value === 'string') kinds.add('string');
    else throw mixed(name, `spine.rows.${index}.${name}`, 'a bool, a number or text');
  }
  if (kinds.size === 2 && kinds.has('int64') && kinds.has('float64')) return { kind: 'float64' };
  const [kind] = kinds;
  if (kinds.size > 1) throw mixed(name, `spine.rows.${name}`, `one type of values; got ${[...kinds].join(' and ')}`);
  return { kind: kind ?? 'string' };
}

function mixed(name: string, path: string, expected: string): AsofError {
  return new AsofError('BAD_INPUT', `the column "${name}" cannot be kept`, { path, expected });
}
