import type { CompiledService } from '../../core/definitions/compiled.ts';
import { typeText } from '../../core/definitions/value-types.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import { missingRequestInput, parseRequestInput, requestInputsOf } from '../../core/on-demand/request-input.ts';
import { parseValue } from '../../core/values/parse.ts';
import type { Field, Value, ValueType } from '../../core/values/types.ts';
import { unknownName } from './names.ts';

/** Parsed columns along the declared fields; null rows = nothing says how many (no columns, or single values only). */
export interface InputColumns {
  readonly rows: number | null;
  /** One per field: its values, or the one value of all rows. */
  readonly columns: readonly InputColumn[];
}

export type InputColumn = { readonly each: readonly Value[] } | { readonly all: Value };

interface InputShape {
  /** Where the input stands: `keys`, `request`. */
  readonly path: string;
  /** Whose columns they are, for messages: `delay_model version 1`. */
  readonly service: string;
  readonly fields: readonly InputField[];
}

interface InputField extends Field {
  parse(given: unknown, path: string): Value;
  missing(path: string): AsofError;
}

export function keyShape({ joinColumns }: CompiledService, service: string): InputShape {
  const fields = joinColumns.map((field): InputField => {
    const missing = { expected: typeText(field.type), got: 'nothing' };
    return {
      ...field,
      parse: (given, path) => parseValue(field.type, given, path),
      missing: (path) => new AsofError('BAD_INPUT', `${service} needs this column`, { path, ...missing }),
    };
  });
  return { path: 'keys', service, fields };
}

export function requestShape(of: CompiledService, service: string): InputShape {
  const fields = requestInputsOf(of).map((input): InputField => {
    return {
      ...input,
      parse: (given, path) => parseRequestInput(input, given, path),
      missing: (path) => missingRequestInput(input, path, 'nothing'),
    };
  });
  return { path: 'request', service, fields };
}

export function valueAt(column: InputColumn, row: number): Value {
  return 'all' in column ? column.all : (column.each[row] ?? null);
}

/**
 * Reads columns (`{origin: ["ATL", "ORD"]}`, single values standing for all rows) or rows (`[{origin: "ATL"}, …]`).
 * UNKNOWN_NAME for a column that the service does not take; BAD_INPUT for one that is missing, too short or mistyped.
 */
export function parseColumns(shape: InputShape, input: unknown): InputColumns {
  if (input === null || input === undefined) return fromColumns(shape, {});
  if (Array.isArray(input)) return fromRows(shape, input);
  if (typeof input === 'object') return fromColumns(shape, input as Readonly<Record<string, unknown>>);
  throw refused(shape, shape.path, 'an object of columns, or a list of rows', input);
}

function fromColumns(shape: InputShape, input: Readonly<Record<string, unknown>>): InputColumns {
  refuseUnknown(shape, shape.path, input);
  let rows: number | null = null;
  let first = '';
  const columns = shape.fields.map((field): InputColumn => {
    const { name, type } = field;
    const path = `${shape.path}.${name}`;
    const given = Object.hasOwn(input, name) ? input[name] : undefined;
    if (given === undefined) throw field.missing(path);
    if (!isColumn(type, given)) return { all: field.parse(given, path) };
    if (rows !== null && given.length !== rows) {
      throw refused(shape, path, `${rows} values, as in ${first}`, given, String(given.length));
    }
    rows = given.length;
    first = path;
    return { each: given.map((value, row) => field.parse(value, `${path}[${row}]`)) };
  });
  return { rows, columns };
}

function fromRows(shape: InputShape, input: readonly unknown[]): InputColumns {
  const rows = input.map((row, index) => {
    const path = `${shape.path}[${index}]`;
    if (typeof row !== 'object' || row === null || Array.isArray(row)) throw refused(shape, path, 'an object', row);
    refuseUnknown(shape, path, row);
    return row as Readonly<Record<string, unknown>>;
  });
  const columns = shape.fields.map((field): InputColumn => {
    const { name } = field;
    const each = rows.map((row, index) => {
      const path = `${shape.path}[${index}].${name}`;
      if (!Object.hasOwn(row, name)) throw field.missing(path);
      return field.parse(row[name], path);
    });
    return { each };
  });
  return { rows: rows.length, columns };
}

/** A list may be one value of a list or vector column: it is a column when its elements are lists themselves. */
function isColumn(type: ValueType, given: unknown): given is readonly unknown[] {
  if (!Array.isArray(given)) return false;
  return (type.kind !== 'list' && type.kind !== 'vector') || given.every((one) => one === null || Array.isArray(one));
}

function refuseUnknown({ fields, service }: InputShape, path: string, input: object): void {
  const names = fields.map(({ name }) => name);
  const unknown = Object.keys(input).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw unknownName(`column of ${service}`, unknown, names, `${path}.${unknown}`);
}

function refused({ service }: InputShape, path: string, expected: string, input: unknown, got?: string): AsofError {
  const shown = got ?? (JSON.stringify(input) ?? typeof input).slice(0, 80);
  return new AsofError('BAD_INPUT', `the columns of ${service} are not usable`, { path, expected, got: shown });
}
