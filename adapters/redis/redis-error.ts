import { AsofError } from '../../core/errors/asof-error.ts';

/** It answered, and will answer the same until somebody mends it. */
const refusals = /^(OOM|MISCONF|READONLY|NOPERM|NOAUTH|WRONGPASS|NOREPLICAS)\b/;
/** It answered that it cannot answer now. */
const notNow = /^(LOADING|CLUSTERDOWN|TRYAGAIN|BUSY|MASTERDOWN|MOVED|ASK)\b/;

/** Whether an error says that the server could not answer, rather than what is wrong with the question. */
export function isUnanswered(error: Error): boolean {
  return notNow.test(error.message) || !/^[A-Z]+ /.test(error.message);
}

/** What failed, in our words; `server` is its `host:port`. */
export function asofErrorOf(server: string, error: Error): AsofError {
  if (error instanceof AsofError) return error;
  const path = `redis ${server}`;
  const got = error.message;
  if (refusals.test(got)) {
    const remedy = got.startsWith('OOM')
      ? 'Raise maxmemory, and keep maxmemory-policy at noeviction'
      : 'Correct the user, its rights or the server’s settings';
    return new AsofError('UNAVAILABLE', 'Redis refuses the command', { path, got, remedy }, { cause: error });
  }
  if (!isUnanswered(error)) {
    return new AsofError('INTERNAL', 'Redis could not run a command', { path, got }, { cause: error });
  }
  const remedy = 'Start Redis, or correct REDIS_URL; what was asked for can be tried again';
  return new AsofError('UNAVAILABLE', 'Redis does not answer', { path, got, remedy }, { cause: error });
}
