import { AsofError } from '../../core/errors/asof-error.ts';

/*
 * redis[s][+cluster|+sentinel]://[user[:password]@]host[:port][,host[:port]…][/…]
 *
 * One host is one server, and `/n` its database. Several hosts, or `+cluster`, are nodes of a cluster; whichever answers
 * tells the others. `+sentinel` lists Sentinels, then `/name` of the master and perhaps `/n`. `rediss` is TLS.
 * User and password are percent-encoded.
 */
export type RedisAddress = RedisAccess &
  (
    | { readonly kind: 'single'; readonly host: RedisHost; readonly database: number }
    | { readonly kind: 'cluster'; readonly hosts: readonly RedisHost[] }
    | {
        readonly kind: 'sentinel';
        readonly hosts: readonly RedisHost[];
        readonly master: string;
        readonly database: number;
      }
  );

export interface RedisAccess {
  readonly tls: boolean;
  readonly username: string | null;
  readonly password: string | null;
}

export interface RedisHost {
  readonly host: string;
  readonly port: number;
}

const form = /^redis(s?)(?:\+(cluster|sentinel))?:\/\/(?:([^@]*)@)?([^/@]+)(?:\/(.*))?$/;
const defaultPorts = { redis: 6_379, sentinel: 26_379 } as const;

/** BAD_INPUT for another form; the URL is not repeated, since it may hold a password. */
export function parseRedisUrl(url: string): RedisAddress {
  const [, s, kind, access = '', hostList, path = ''] = form.exec(url) ?? [];
  if (hostList === undefined) throw badUrl('another form (not shown, it may hold a password)');
  const port = kind === 'sentinel' ? defaultPorts.sentinel : defaultPorts.redis;
  const hosts = hostList.split(',').map((text) => hostOf(text, port));
  const how: RedisAccess = { tls: s === 's', ...credentialsOf(access) };
  const segments = path === '' ? [] : path.split('/');
  if (kind === 'sentinel') {
    const [master = '', database = '0', ...more] = segments;
    if (master === '' || more.length > 0) throw badUrl('no name of the master that the Sentinels watch');
    return { kind, hosts, master: decoded(master), database: databaseOf(database), ...how };
  }
  if (kind === 'cluster' || hosts.length > 1) {
    if (segments.length > 0 && path !== '0') throw badUrl('a database, of which a cluster has only 0');
    return { kind: 'cluster', hosts, ...how };
  }
  if (segments.length > 1) throw badUrl('more than a database after the host');
  return { kind: 'single', host: hosts[0]!, database: databaseOf(segments[0] ?? '0'), ...how };
}

function hostOf(text: string, defaultPort: number): RedisHost {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = digits === undefined ? defaultPort : Number(digits);
  if (host === undefined || port === 0 || port > 65_535) throw badUrl('a host of another form than host or host:port');
  return { host, port };
}

function credentialsOf(access: string): Pick<RedisAccess, 'username' | 'password'> {
  if (access === '') return { username: null, password: null };
  const colon = access.indexOf(':');
  // `redis://password@host` would be a user without a password, which Redis does not have.
  if (colon < 0) throw badUrl('a user without a password');
  const username = decoded(access.slice(0, colon));
  return { username: username === '' ? null : username, password: decoded(access.slice(colon + 1)) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badUrl('a % that is no percent-encoding');
  }
}

function databaseOf(text: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw badUrl('a database that is no number');
}

function badUrl(got: string): AsofError {
  return new AsofError('BAD_INPUT', 'the online store’s URL is not Redis’s', {
    path: 'REDIS_URL',
    expected: 'redis://host:port, redis://host:port,host:port for a cluster, or redis+sentinel://host:port/master',
    got,
    remedy: 'Set REDIS_URL as docs/operations.md shows, or leave it out to keep online values in the data folder',
  });
}
