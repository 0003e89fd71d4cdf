import { expect, it } from 'vitest';
import { asofErrorOf } from './redis-error.ts';

it.each([
  ['self-signed certificate in certificate chain', 'UNAVAILABLE', /REDIS_CA_FILE/],
  ["Hostname/IP does not match certificate's altnames: IP: 127.0.0.1", 'UNAVAILABLE', /as its certificate does/],
  [
    'WRONGPASS invalid username-password pair or user is disabled.',
    'UNAVAILABLE',
    /disabled\. Correct user and password/,
  ],
  ["NOPERM this user has no permissions to run the 'xadd' command", 'UNAVAILABLE', /ACL line in docs\/operations.md/],
  [
    "ERR The user executing the script can't run this command or subcommand script: 1, on @user_script:3.",
    'UNAVAILABLE',
    /ACL line in docs\/operations.md/,
  ],
  [
    'All sentinels are unreachable and retry is disabled. Last error: WRONGPASS invalid username-password pair or user is disabled.',
    'UNAVAILABLE',
    /REDIS_SENTINEL_PASSWORD/,
  ],
  ['Sentinel h:2: NOAUTH Authentication required.', 'UNAVAILABLE', /REDIS_SENTINEL_PASSWORD/],
  ['Sentinel h:2: it knows no master main', 'UNAVAILABLE', /the master’s name/],
  ['Connection is closed.', 'UNAVAILABLE', /closed\. Start Redis, or correct REDIS_URL: rediss where/],
  ['ERR wrong number of arguments', 'INTERNAL', /could not run a command/],
])('says of "%s" what to do', (message, code, text) => {
  const error = asofErrorOf('h:1', new Error(message));
  expect(error).toMatchObject({ code, message: expect.stringMatching(text) });
  const all = Object.assign(new Error('Failed to refresh slots cache.'), { lastNodeError: new Error(message) });
  expect(asofErrorOf('h:1', all)).toMatchObject({ code, message: error.message });
});
