import { AsofError } from '../../core/errors/asof-error.ts';
import { parseRequestInput, type RequestInput } from '../../core/on-demand/request-input.ts';
import { parseInstant, parseValue } from '../../core/values/parse.ts';
import type { Instant, Value, ValueType } from '../../core/values/types.ts';
import { columnOf, columnPath, type InputRow } from './input-row.ts';
import { delimiterHint } from './parse-csv.ts';

/** What is asked: for this row's join keys, at this instant, with what was known by then. */
export interface SpineRow {
  readonly input: InputRow;
  readonly time: Instant;
  readonly knownAt: Instant;
}

/** @throws AsofError BAD_INPUT naming file, line and column */
export function parseSpine(rows: readonly InputRow[]): SpineRow[] {
  return rows.map((input) => {
    const time = columnOf(input, '__time');
    if (time === null || time === undefined) {
      const delimiter = delimiterHint(Object.keys(input.values));
      throw new AsofError('BAD_INPUT', 'a spine row has no time', {
        path: columnPath(input, '__time'),
        expected: 'an instant',
        got: time === null ? 'null' : 'no such column',
        ...(delimiter === null ? {} : { remedy: delimiter }),
      });
    }
    const instant = parseInstant(time, columnPath(input, '__time'));
    const knownAt = columnOf(input, '__knownAt') ?? null;
    return {
      input,
      time: instant,
      knownAt: knownAt === null ? instant : parseInstant(knownAt, columnPath(input, '__knownAt')),
    };
  });
}

/** A join key of this row; a column that the spine lacks is NULL. */
export function spineValue(row: SpineRow, name: string, type: ValueType): Value {
  return parseValue(type, columnOf(row.input, name), columnPath(row.input, name));
}

/** A request input of this row; NULL where the row has none. BAD_INPUT for what is not of its type. */
export function requestValue(row: SpineRow, input: RequestInput): Value {
  return parseRequestInput(input, columnOf(row.input, input.name), columnPath(row.input, input.name));
}
