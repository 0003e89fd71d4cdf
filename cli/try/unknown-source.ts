import { AsofError } from '../../core/errors/asof-error.ts';
import { nearest } from '../../core/errors/nearest.ts';

/**
 * UNKNOWN_NAME for rows of a source that the definitions do not have.
 *
 * @param path where they were given
 */
export function unknownSource(name: string, known: Iterable<string>, path = `--rows ${name}`): AsofError {
  const names = [...known];
  const suggestion = nearest(name, names);
  return new AsofError('UNKNOWN_NAME', `the definitions have no source "${name}"`, {
    path,
    expected: names.length === 0 ? 'a source, but none is defined' : `one of ${names.join(', ')}`,
    got: name,
    ...(suggestion === null ? {} : { remedy: `Did you mean "${suggestion}"?` }),
  });
}
