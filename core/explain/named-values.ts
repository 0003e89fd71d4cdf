import { typeText } from '../definitions/value-types.ts';
import { AsofError } from '../errors/asof-error.ts';
import { nearest } from '../errors/nearest.ts';
import { parseValue } from '../values/parse.ts';
import type { Field, Value } from '../values/types.ts';

/**
 * What was given by name, as values of the fields' types; null where null was given.
 *
 * @param accepted what may be given, too, and is not needed
 * @param path of the input: `key`, `request`
 * @throws AsofError BAD_INPUT for what is missing or not of its type, UNKNOWN_NAME for what is not asked
 */
export function namedValues(
  fields: readonly Field[],
  accepted: readonly Field[],
  input: unknown,
  path: string,
): ReadonlyMap<string, Value> {
  const given = input ?? {};
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw new AsofError('BAD_INPUT', 'is not an object', { path, expected: expectedText(fields), got: typeof input });
  }
  const names = [...new Set([...fields, ...accepted].map(({ name }) => name))];
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const closest = nearest(unknown, names) ?? (names.length === 1 ? names[0]! : null);
    throw new AsofError('UNKNOWN_NAME', 'is not asked for', {
      path: `${path}.${unknown}`,
      expected: expectedText([...fields, ...accepted]),
      got: unknown,
      ...(closest === null ? {} : { remedy: `Did you mean "${closest}"?` }),
    });
  }
  const values = new Map(Object.entries(given));
  return new Map(
    fields.map(({ name, type }) => {
      const place = `${path}.${name}`;
      if (!values.has(name)) {
        throw new AsofError('BAD_INPUT', 'is missing', {
          path: place,
          expected: typeText(type),
          got: values.size === 0 ? 'nothing' : `only ${[...values.keys()].join(', ')}`,
          remedy: `Give "${name}" a value; it is needed to compute this feature.`,
        });
      }
      return [name, parseValue(type, values.get(name), place)];
    }),
  );
}

function expectedText(fields: readonly Field[]): string {
  const texts = new Set(fields.map(({ name, type }) => `${name}: ${typeText(type)}`));
  return texts.size === 0 ? 'nothing' : [...texts].join(', ');
}
