import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { findProgram } from './find-program.ts';

export const openssl = { program: findProgram('openssl'), install: 'apt-get install openssl' };

/** PEM files: an authority, and a certificate that it signed for the loopback address. */
export interface Certificates {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

export function makeCertificates(folder: string): Certificates {
  const file = (name: string): string => join(folder, name);
  const run = (...args: readonly string[]): void => {
    execFileSync(openssl.program!, args, { stdio: 'ignore' });
  };
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const authority = ['-keyout', file('ca.key'), '-out', file('ca.pem'), '-subj', '/CN=Asof test authority'];
  run('req', '-x509', ...newKey, ...authority, '-days', '2');
  const server = ['-keyout', file('server.key'), '-out', file('server.pem'), '-subj', '/CN=localhost'];
  const names = ['-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost', '-addext', 'basicConstraints=CA:FALSE'];
  const signed = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-days', '2'];
  run('req', '-x509', ...newKey, ...server, ...names, ...signed);
  return { ca: file('ca.pem'), certificate: file('server.pem'), key: file('server.key') };
}
