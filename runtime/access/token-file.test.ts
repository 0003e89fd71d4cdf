import { describe, expect, it } from 'vitest';
import { digestOf, parseGatewayTokenFile, parseTokenFile } from './token-file.ts';

const token = 'correct-horse-battery';
const sha256 = digestOf('another-horse-battery').toString('hex');

describe('a file of tokens', () => {
  it('names whose each token is, as it is or by its digest, between comments', () => {
    const text = `# who   role   token\n\nnotebook reader ${token}\r\n  ci@example.org\tadmin  sha256:${sha256}\n`;
    expect(parseTokenFile(text, 'tokens')).toEqual([
      { name: 'notebook', role: 'reader', digest: digestOf(token) },
      { name: 'ci@example.org', role: 'admin', digest: digestOf('another-horse-battery') },
    ]);
  });

  it('lets a name have several tokens, as while one is changed', () => {
    const text = `ci admin ${token}\nci admin sha256:${sha256}`;
    expect(parseTokenFile(text, 'tokens').map(({ name }) => name)).toEqual(['ci', 'ci']);
  });

  it.each([
    ['two words', `ci ${token}`, /t:1: the line is not readable; expected name role token; got 2 words/],
    ['words behind the token', `ci admin ${token} # mine`, /t:1: the line is not readable/],
    ['an unknown role', `ci root ${token}`, /t:1: the role is unknown; expected reader, writer, admin/],
    ['a token in the place of the role', `ci ${token} admin`, /t:1: the role is unknown/],
    ['a token in the place of the name', `${token}! ci admin`, /t:1: the name is not usable/],
    ['a short token', 'ci admin horse', /t:1: the token is not usable; expected at least 16 .*; got 5 characters/],
    ['a token with letters that headers lack', 'ci admin correct-hörse-battery', /t:1: the token is not usable/],
    ['a short digest', 'ci admin sha256:abcd', /t:1: the digest is not readable/],
    ['the same token twice', `a reader ${token}\nb admin ${token}`, /t:2: the token is that of 'a'/],
    ['no token', '# nothing yet', /t: the file has no token/],
  ])('refuses %s, and repeats no token', (_what, text, message) => {
    expect(() => parseTokenFile(text, 't')).toThrow(message);
    expect(() => parseTokenFile(text, 't')).not.toThrow(/horse/);
  });

  it('tells all that is wrong at once', () => {
    expect(() => parseTokenFile(`x\nci admin ${token}\ny z horse`, 't')).toThrow(/t:1: (.|\n)*t:3: /);
  });
});

describe("the gateway's token", () => {
  it('may be followed by others that subgraphs take, too', () => {
    expect(parseGatewayTokenFile(`# now\n${token}\n# until tomorrow\nformer-horse-battery\n`, 'g')).toEqual([
      token,
      'former-horse-battery',
    ]);
  });

  it.each([
    ['a digest, which nobody could show', `sha256:${sha256}`, /g:1: a digest cannot be shown/],
    ['a name beside it', `gateway ${token}`, /g:1: the line is not readable; expected one token/],
    ['a short one', 'horse', /g:1: the token is not usable/],
    ['none', '\n', /g: the file has no token/],
  ])('is not %s', (_what, text, message) => {
    expect(() => parseGatewayTokenFile(text, 'g')).toThrow(message);
    expect(() => parseGatewayTokenFile(text, 'g')).not.toThrow(/horse/);
  });
});
