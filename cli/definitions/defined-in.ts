import { AsofError } from '../../core/errors/asof-error.ts';

/**
 * What `read` makes of definitions; where they are at fault, the error names `place` (their file, say) before the path
 * inside of them.
 */
export async function definedIn<T>(place: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof AsofError ? errorIn(place, error) : error;
  }
}

function errorIn(place: string, error: AsofError): AsofError {
  const { path } = error.details;
  const details = { ...error.details, path: path === undefined ? place : `${place}, ${path}` };
  return new AsofError(error.code, error.summary, details, { cause: error });
}
