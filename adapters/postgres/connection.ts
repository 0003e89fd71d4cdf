import { readFileSync } from 'node:fs';
import type { ClientConfig } from 'pg';
import { AsofError } from '../../core/errors/asof-error.ts';

/*
 * postgres://user:password@host:port/database?sslmode=verify-full&sslrootcert=ca.pem&sslcert=…&sslkey=…
 *
 * `require` and `verify-ca` check as much as `verify-full` does: a connection that anybody may answer is no secret.
 * `no-verify` does not ask who answers. `allow` and `prefer` would go on in plain text, and are refused.
 */
const modes = ['disable', 'no-verify', 'require', 'verify-ca', 'verify-full'] as const;

const files = { ca: 'sslrootcert', cert: 'sslcert', key: 'sslkey' } as const;

export interface PostgresAddress {
  /** Where, without who: an error must not show a password. */
  readonly place: string;
  readonly config: ClientConfig;
}

/**
 * @param ca PEM of the authorities that may have signed the server's certificate; switches TLS on
 * @throws AsofError BAD_INPUT for another form; the URL is not repeated, since it may hold a password
 */
export function parsePostgresUrl(text: string, ca: string | null): PostgresAddress {
  if (!URL.canParse(text) || !/^postgres(ql)?:$/.test(new URL(text).protocol)) {
    throw badUrl('postgres://user:password@host:port/database', 'another form (not shown, it may hold a password)');
  }
  const url = new URL(text);
  const asked = url.searchParams.get('sslmode');
  const mode = modes.find((known) => known === asked);
  if (asked !== null && mode === undefined) throw badUrl(`sslmode=${modes.join(' or ')}`, JSON.stringify(asked));
  const ssl: Record<string, unknown> = ca === null ? {} : { ca };
  for (const [option, parameter] of Object.entries(files)) {
    const path = url.searchParams.get(parameter);
    if (path !== null) ssl[option] = readPem(parameter, path);
    url.searchParams.delete(parameter);
  }
  if (mode === 'no-verify') ssl.rejectUnauthorized = false;
  const isTls = mode === undefined ? Object.keys(ssl).length > 0 : mode !== 'disable';
  // What the URL says would win over `ssl`.
  url.searchParams.delete('sslmode');
  const config = { connectionString: url.href, ssl: isTls ? ssl : false, connectionTimeoutMillis: 5_000 };
  return { place: `${url.host}${url.pathname}`, config: { ...config, application_name: 'asof', keepAlive: true } };
}

function readPem(parameter: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw badUrl(`${parameter}, a file that this user may read`, error instanceof Error ? error.message : path);
  }
}

function badUrl(expected: string, got: string): AsofError {
  return new AsofError('BAD_INPUT', 'the registry’s URL is not PostgreSQL’s', {
    path: 'DATABASE_URL',
    expected,
    got,
    remedy: 'Set DATABASE_URL as docs/operations.md shows, or leave it out to keep the registry in the data folder',
  });
}
