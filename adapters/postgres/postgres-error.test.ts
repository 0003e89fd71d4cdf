import { expect, it } from 'vitest';
import { throwAs } from './postgres-error.ts';

it.each([
  [
    '28000',
    'no pg_hba.conf entry for host "127.0.0.1", user "asof", database "features", SSL off',
    /refuses us.*rights/,
  ],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate in certificate chain', /does not answer.*DATABASE_CA_FILE/],
  ['ERR_TLS_CERT_ALTNAME_INVALID', "Hostname/IP does not match certificate's altnames", /as its certificate does/],
  ['ECONNREFUSED', 'connect ECONNREFUSED', /Start PostgreSQL/],
])('says of %s what to do', (code, message, text) => {
  expect(() => throwAs(Object.assign(new Error(message), { code }), 'h:5432/d')).toThrow(text);
});
