import { AsofError } from '../../core/errors/asof-error.ts';

/** It answered, and will answer the same until somebody mends it. */
const refusals = /^(OOM|MISCONF|READONLY|NOPERM|NOAUTH|WRONGPASS|NOREPLICAS)\b/;
/** The same of what a script of ours does. */
const scriptRefusals = /can't run this command|ACL failure in script|No permissions to access a key/i;
/** It answered that it cannot answer now. */
const notNow = /^(LOADING|CLUSTERDOWN|TRYAGAIN|BUSY|MASTERDOWN|MOVED|ASK)\b/;

/** Whether an error says that the server could not answer, rather than what is wrong with the question. */
export function isUnanswered(error: Error): boolean {
  return notNow.test(error.message) || !/^[A-Z]+ /.test(error.message);
}

/** Of the nodes of a cluster ioredis says only that all failed, and beside it how the last one did. */
export function causeOf(error: Error): Error {
  return 'lastNodeError' in error && error.lastNodeError instanceof Error ? error.lastNodeError : error;
}

/** What failed, in our words; `server` is its `host:port`. */
export function asofErrorOf(server: string, failure: Error): AsofError {
  const error = causeOf(failure);
  if (error instanceof AsofError) return error;
  const path = `redis ${server}`;
  const got = error.message;
  if (refusals.test(got) || scriptRefusals.test(got)) {
    const remedy = remedyOfRefusal(got);
    return new AsofError('UNAVAILABLE', 'Redis refuses the command', { path, got, remedy }, { cause: error });
  }
  if (!isUnanswered(error)) {
    return new AsofError('INTERNAL', 'Redis could not run a command', { path, got }, { cause: error });
  }
  const remedy = remedyOfSilence(got);
  return new AsofError('UNAVAILABLE', 'Redis does not answer', { path, got, remedy }, { cause: error });
}

function remedyOfRefusal(got: string): string {
  if (got.startsWith('OOM')) return 'Raise maxmemory, and keep maxmemory-policy at noeviction';
  if (/^NOPERM/.test(got) || scriptRefusals.test(got)) {
    return 'Give the user the rights of the ACL line in docs/operations.md';
  }
  if (/^(NOAUTH|WRONGPASS)/.test(got)) return 'Correct user and password in REDIS_URL';
  return 'Correct the server’s settings';
}

/** What ioredis, and we, say of Sentinels begins so, and ends with what one of them did. */
const sentinels = /^(All sentinels are unreachable|Sentinel )/;

function remedyOfSilence(got: string): string {
  const again = 'what was asked for can be tried again';
  if (/certificate|altnames/i.test(got)) {
    return 'Set REDIS_CA_FILE to the certificate of the authority that signed the server’s, and name the server in REDIS_URL as its certificate does';
  }
  if (sentinels.test(got)) {
    return /WRONGPASS|NOAUTH|AUTH|password/i.test(got)
      ? 'Correct REDIS_SENTINEL_PASSWORD: it is what the Sentinels ask for, not the password in REDIS_URL'
      : `Start the Sentinels, or correct REDIS_URL: their places, the master’s name, and rediss+sentinel where they speak TLS; ${again}`;
  }
  if (/connection is closed|wrong version number|SSL routines|ECONNRESET|before secure TLS/i.test(got)) {
    return `Start Redis, or correct REDIS_URL: rediss where the server speaks TLS, redis where not; ${again}`;
  }
  return `Start Redis, or correct REDIS_URL; ${again}`;
}
