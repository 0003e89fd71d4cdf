import { nearest } from '../../core/errors/nearest.ts';
import { columnOf, type InputRow } from './input-row.ts';

/** `why` is for people. */
const fields = ['name', 'why', 'definitions', 'rows', 'spine', 'mode', 'expected'];

/**
 * What may surprise in a case: fields that mean nothing, rows that are not there, a name that was taken.
 *
 * @param namesake the place of an earlier case of the same name; null = there is none
 */
export function caseNotes(row: InputRow, namesake: string | null): string[] {
  const unknown = Object.keys(row.values).filter((name) => !fields.includes(name));
  return [
    ...unknown.map((name) => `${row.place} has a field "${name}", which means nothing.${hint(name)}`),
    ...(columnOf(row, 'rows') === undefined ? [`${row.place} has no field "rows", so no source has a row.`] : []),
    ...(namesake === null ? [] : [`${row.place} has the name of the case of ${namesake}.`]),
  ];
}

function hint(name: string): string {
  const guess = nearest(name, fields);
  return guess === null ? '' : ` Did you mean "${guess}"?`;
}
