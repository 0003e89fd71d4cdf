import { createHash } from 'node:crypto';
import { AsofError, type ErrorProblem } from '../../core/errors/asof-error.ts';
import { type AccessRole, accessRoles, principalName } from './principal.ts';

/** A token that is known by its digest, and whose it is. */
export interface KnownToken {
  /** SHA-256. */
  readonly digest: Buffer;
  readonly name: string;
  readonly role: AccessRole;
}

const leastCharacters = 16;
const tokenForm = /^[!-~]{16,1000}$/;
const digestForm = /^sha256:[0-9a-f]{64}$/i;

export function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/**
 * Reads a file of tokens: a line is `name role token`, the token as it is or as `sha256:` and its digest in hex; `#`
 * begins a comment. A name may have several tokens. Tokens are never repeated in errors.
 *
 * @throws AsofError BAD_INPUT with every line that is wrong
 */
export function parseTokenFile(text: string, path: string): readonly KnownToken[] {
  const problems: ErrorProblem[] = [];
  const tokens: KnownToken[] = [];
  for (const { line, words } of wordsOf(text)) {
    const place = `${path}:${line}`;
    const [name = '', roleText = '', token = '', ...rest] = words;
    const role = accessRoles.find((known) => known === roleText);
    if (words.length < 3 || rest.length > 0) {
      const expected = 'name role token';
      problems.push({ path: place, message: 'the line is not readable', expected, got: `${words.length} words` });
    } else if (!principalName.test(name)) {
      const expected = 'letters, digits and . _ @ : / + -, at most 100';
      problems.push({ path: place, message: 'the name is not usable', expected });
    } else if (role === undefined) {
      // What stands in the role's place may be a token.
      problems.push({ path: place, message: 'the role is unknown', expected: accessRoles.join(', ') });
    } else {
      const digest = readToken(token, place, problems);
      if (digest === null) continue;
      const other = tokens.find((known) => known.digest.equals(digest));
      if (other === undefined) tokens.push({ name, role, digest });
      else problems.push({ path: place, message: `the token is that of '${other.name}'`, expected: 'one of its own' });
    }
  }
  return checked(tokens, problems, path);
}

/**
 * Reads a file with the gateway's token, as it is. Of several, a line each, the gateway shows the first and subgraphs
 * take all: that is how it is changed without a pause.
 *
 * @throws AsofError BAD_INPUT
 */
export function parseGatewayTokenFile(text: string, path: string): readonly string[] {
  const problems: ErrorProblem[] = [];
  const tokens: string[] = [];
  for (const { line, words } of wordsOf(text)) {
    const place = `${path}:${line}`;
    const [token = '', ...rest] = words;
    if (rest.length > 0) problems.push({ path: place, message: 'the line is not readable', expected: 'one token' });
    else if (digestForm.test(token)) {
      problems.push({ path: place, message: 'a digest cannot be shown to subgraphs', expected: 'the token itself' });
    } else if (readToken(token, place, problems) !== null) tokens.push(token);
  }
  return checked(tokens, problems, path);
}

function wordsOf(text: string): { readonly line: number; readonly words: readonly string[] }[] {
  return text.split(/\r?\n/).flatMap((content, index) => {
    const words = content.trim().split(/\s+/);
    return words[0] === '' || words[0]?.startsWith('#') ? [] : [{ line: index + 1, words }];
  });
}

function readToken(token: string, path: string, problems: ErrorProblem[]): Buffer | null {
  if (token.toLowerCase().startsWith('sha256:')) {
    if (digestForm.test(token)) return Buffer.from(token.slice('sha256:'.length), 'hex');
    problems.push({ path, message: 'the digest is not readable', expected: 'sha256: and 64 hex digits' });
    return null;
  }
  if (tokenForm.test(token)) return digestOf(token);
  problems.push({
    path,
    message: 'the token is not usable',
    expected: `at least ${leastCharacters} ASCII characters, for example of \`openssl rand -hex 32\``,
    got: `${token.length} characters`,
  });
  return null;
}

function checked<T>(tokens: readonly T[], problems: readonly ErrorProblem[], path: string): readonly T[] {
  const found = tokens.length === 0 && problems.length === 0 ? [{ path, message: 'the file has no token' }] : problems;
  if (found.length === 0) return tokens;
  const lines = found.map(({ message, ...details }) => new AsofError('BAD_INPUT', message, details).message);
  throw new AsofError('BAD_INPUT', lines.join('\n'), { problems: found });
}
