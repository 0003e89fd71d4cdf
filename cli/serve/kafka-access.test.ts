import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolders } from '../../test/processes/temporary-folders.ts';
import { openKafkaAccess, readKafkaAccess } from './kafka-access.ts';

const newFolder = temporaryFolders('kafka-access');

function read(env: Record<string, string>) {
  const problems: string[] = [];
  return { access: readKafkaAccess(env, problems), problems };
}

it('asks for neither TLS nor SASL unless it is told to', async () => {
  const { access, problems } = read({ KAFKA_TLS: '', KAFKA_USERNAME: '' });
  expect(problems).toEqual([]);
  expect(await openKafkaAccess(access)).toEqual({ tls: null, sasl: null });
});

it('reads TLS with the files’ contents, and SASL', async () => {
  const file = (name: string): string => join(folder, name);
  const folder = newFolder();
  const pem = (what: string, name: string): string => `${name}\n-----BEGIN ${what}-----\n`;
  const texts = { ca: pem('CERTIFICATE', 'ca'), cert: pem('CERTIFICATE', 'cert'), key: pem('RSA PRIVATE KEY', 'key') };
  for (const [name, text] of Object.entries(texts)) writeFileSync(file(name), text);
  const { access, problems } = read({
    KAFKA_CA_FILE: file('ca'),
    KAFKA_CERT_FILE: file('cert'),
    KAFKA_KEY_FILE: file('key'),
    KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
    KAFKA_USERNAME: 'asof',
    KAFKA_PASSWORD: 'p"w',
  });
  expect(problems).toEqual([]);
  expect(await openKafkaAccess(access)).toEqual({
    tls: { ca: texts.ca, own: { certificate: texts.cert, key: texts.key } },
    sasl: { mechanism: 'SCRAM-SHA-512', username: 'asof', password: 'p"w' },
  });
  expect(await openKafkaAccess(read({ KAFKA_TLS: 'true' }).access)).toEqual({ tls: {}, sasl: null });
  const swapped = openKafkaAccess(read({ KAFKA_CA_FILE: file('key') }).access);
  await expect(swapped).rejects.toThrow(
    /KAFKA_CA_FILE: not the PEM.*expected -----BEGIN CERTIFICATE-----; got none in/,
  );
});

it('names all that is wrong, and never the password', async () => {
  const { problems } = read({
    KAFKA_TLS: 'yes',
    KAFKA_KEY_FILE: '/key',
    KAFKA_SASL_MECHANISM: 'GSSAPI',
    KAFKA_PASSWORD: 'secret',
  });
  expect(problems).toEqual([
    'KAFKA_CERT_FILE, KAFKA_KEY_FILE: expected both or none',
    'KAFKA_TLS: expected true or false, got "yes"',
    'KAFKA_SASL_MECHANISM: expected PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, got "GSSAPI"',
    'KAFKA_USERNAME: expected a name, since SASL is asked for',
  ]);
  const missing = openKafkaAccess(read({ KAFKA_CA_FILE: '/nowhere/ca.pem' }).access);
  await expect(missing).rejects.toThrow(/KAFKA_CA_FILE: a key or certificate cannot be read.*Set KAFKA_CA_FILE/);
});
