import { AsofError } from '../../core/errors/asof-error.ts';

/**
 * Topics and groups name folders and files, so only names that mean the same everywhere are let through; they are also
 * what Kafka allows. Throws BAD_INPUT.
 */
export function checkName(kind: 'topic' | 'group', name: string): string {
  if (/^[A-Za-z0-9._-]{1,200}$/.test(name) && name !== '.' && name !== '..') return name;
  throw new AsofError('BAD_INPUT', `the ${kind}’s name cannot be used`, {
    path: kind,
    expected: '1 to 200 of A–Z a–z 0–9 . _ -',
    got: JSON.stringify(name.slice(0, 220)),
    remedy: `Rename the ${kind}`,
  });
}
