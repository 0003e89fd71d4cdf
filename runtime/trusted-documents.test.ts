import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { at, clientOf, ok, post, startProcess } from '../test/gateway/tiny-process.ts';
import { createTrustedDocuments, parseManifest } from './trusted-documents.ts';

const idOf = (text: string) => createHash('sha256').update(text).digest('hex');
const text = ok.query;
const id = idOf(text);
const manifest = new Map([[id, text]]);
const lenient = createTrustedDocuments(() => manifest, { takesOthers: true });
const strict = createTrustedDocuments(() => manifest, { takesOthers: false });
const answer = { data: { airport: { delay: 7 } } };

describe('trusted documents', () => {
  it.each([id, `sha256:${id}`, `SHA256:${id.toUpperCase()}`])('are found by %s', (documentId) => {
    expect(lenient.textOf({ documentId })).toBe(text);
    expect(strict.textOf({ documentId, query: '' })).toBe(text);
  });

  it.each([
    ['an unknown id', lenient, { documentId: idOf('x') }, 'UNKNOWN_NAME'],
    ['no id', lenient, { documentId: 7 }, 'UNKNOWN_NAME'],
    ['both', lenient, { documentId: id, query: text }, 'BAD_INPUT'],
    ['a text of the client', strict, { query: '{ reads }' }, 'FORBIDDEN'],
  ])('refuse %s', (_what, documents, sent, code) => {
    expect(() => documents.textOf(sent)).toThrow(expect.objectContaining({ code }));
  });

  it('are taken as texts, too', () => {
    expect(strict.textOf({ query: text })).toBe(text);
    expect(lenient.textOf({ query: '{ reads }' })).toBe('{ reads }');
    expect(strict.textOf({})).toBeNull();
  });
});

describe('a manifest', () => {
  it('is read with and without the name of the hash', () => {
    const both = { [`sha256:${id}`]: text, [idOf('{ a }')]: '{ a }' };
    expect([...parseManifest(JSON.stringify(both), 'm.json')]).toEqual([
      [id, text],
      [idOf('{ a }'), '{ a }'],
    ]);
  });

  it.each([
    ['{', 'm.json: the file is not readable'],
    ['[]', 'm.json: the file is not readable'],
    [`{"sha256:${id}": 7}`, 'the entry is not readable'],
    ['{"md5:1": "{ a }"}', 'the entry is not readable'],
    [`{"${id}": "{ a }"}`, `the id is not that of the document; expected sha256:${idOf('{ a }')}`],
  ])('is refused: %s', (wrong, message) => {
    expect(() => parseManifest(wrong, 'm.json')).toThrow(message.replace('m.json: ', ''));
  });
});

describe('clients', () => {
  it('name documents by POST, GET and WebSocket', async () => {
    const { host } = await startProcess({ trusted: strict });
    expect((await post(host, { documentId: id })).body).toEqual(answer);
    const address = at(host, `/graphql?documentId=${id}`);
    expect(await (await fetch(address, { headers: { 'apollo-require-preflight': '1' } })).json()).toEqual(answer);
    const results = [];
    const named = { query: '', documentId: id };
    for await (const result of clientOf(host).iterate(named)) results.push(result);
    expect(results).toEqual([answer]);
  });

  it('are told what is wrong on each of these roads', async () => {
    const { host } = await startProcess({ trusted: strict });
    const forbidden = { errors: [{ extensions: { code: 'FORBIDDEN', path: 'query' } }] };
    expect(await post(host, { query: '{ reads }' })).toMatchObject({ status: 403, body: forbidden });
    expect(await post(host, { documentId: idOf('x') })).toMatchObject({
      status: 404,
      body: { errors: [{ extensions: { code: 'UNKNOWN_NAME', path: 'documentId' } }] },
    });
    const response = await fetch(at(host, '/graphql?query={reads}'), { headers: { 'apollo-require-preflight': '1' } });
    expect([response.status, await response.json()]).toMatchObject([403, forbidden]);
    const refused = async () => {
      for await (const _ of clientOf(host).iterate({ query: '{ reads }' })) break;
    };
    await expect(refused()).rejects.toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });
});
