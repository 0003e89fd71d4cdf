import { AsofError } from '../../core/errors/asof-error.ts';

/** SQLSTATE classes 08 (connection), 53 (resources) and 57P (shutdown), and what Node says of sockets. */
export function throwAs(error: unknown, place: string): never {
  if (error instanceof AsofError || !(error instanceof Error)) throw error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const isAway =
    /^(08|53|57P)/.test(code) ||
    /^E[A-Z]+$/.test(code) ||
    /terminated|timeout|not queryable|certificate|SSL/i.test(error.message);
  const details = { path: place, got: `${error.message}${code === '' ? '' : ` (${code})`}` };
  if (/^(28|3D|42501)/.test(code)) {
    const remedy =
      'Correct user, password and database in DATABASE_URL, or give the user the rights that docs/operations.md lists';
    throw new AsofError('UNAVAILABLE', 'PostgreSQL refuses us', { ...details, remedy }, { cause: error });
  }
  if (isAway) {
    const remedy = /certificate|altnames/i.test(error.message)
      ? 'Set DATABASE_CA_FILE to the certificate of the authority that signed the server’s, and name the server in DATABASE_URL as its certificate does'
      : 'Start PostgreSQL, or correct DATABASE_URL; what was asked for can be tried again';
    throw new AsofError('UNAVAILABLE', 'PostgreSQL does not answer', { ...details, remedy }, { cause: error });
  }
  throw new AsofError('INTERNAL', 'PostgreSQL could not run a statement', details, { cause: error });
}
