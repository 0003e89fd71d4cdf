import { describe, expect, it } from 'vitest';
import { parseRedisUrl } from './address.ts';

const open = { tls: false, username: null, password: null };

describe('REDIS_URL', () => {
  it.each([
    ['redis://localhost', { kind: 'single', host: { host: 'localhost', port: 6379 }, database: 0, ...open }],
    ['redis://10.0.0.1:7000/3', { kind: 'single', host: { host: '10.0.0.1', port: 7000 }, database: 3, ...open }],
    ['redis://[::1]:7000', { kind: 'single', host: { host: '::1', port: 7000 }, database: 0, ...open }],
    [
      'rediss://asof:p%40s%2Fs@cache.example:6380',
      {
        ...{ kind: 'single', host: { host: 'cache.example', port: 6380 }, database: 0 },
        ...{ tls: true, username: 'asof', password: 'p@s/s' },
      },
    ],
    [
      'redis://:secret@a:1,b',
      {
        kind: 'cluster',
        hosts: [
          { host: 'a', port: 1 },
          { host: 'b', port: 6379 },
        ],
        ...{ ...open, password: 'secret' },
      },
    ],
    ['rediss+cluster://a/0', { kind: 'cluster', hosts: [{ host: 'a', port: 6379 }], ...open, tls: true }],
    [
      'redis+sentinel://s1,s2:5000/main/2',
      {
        kind: 'sentinel',
        hosts: [
          { host: 's1', port: 26379 },
          { host: 's2', port: 5000 },
        ],
        ...{ master: 'main', database: 2, ...open },
      },
    ],
  ])('%s', (url, expected) => {
    expect(parseRedisUrl(url)).toEqual(expected);
  });

  it.each([
    'http://:secret@localhost',
    'redis://',
    'redis://secret@localhost',
    'redis://:secret@localhost:0',
    'redis://:secret@localhost:99999',
    'redis://:secret@a:b:c',
    'redis://:secret%@localhost',
    'redis://:secret@localhost/zero',
    'redis://:secret@localhost/0/1',
    'redis://:secret@a,b/1',
    'redis+sentinel://:secret@s1',
    'redis+sentinel://:secret@s1/main/x',
    'redis+proxy://:secret@s1',
  ])('%s is refused without a word of it', (url) => {
    expect(() => parseRedisUrl(url)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
    expect(() => parseRedisUrl(url)).not.toThrow(/secret/);
  });
});
