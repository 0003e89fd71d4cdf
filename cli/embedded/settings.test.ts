import { describe, expect, it } from 'vitest';
import { readSettings } from './settings.ts';

describe('the environment of a process', () => {
  it('names servers in several forms, and nothing that is switched off', () => {
    expect(readSettings({})).toMatchObject({ redisUrl: null, redisCaFile: null, redisReadDeadlineMillis: 500 });
    for (const redisUrl of ['redis://:secret@a:1,b:2', 'rediss://h', 'redis+sentinel://s/main']) {
      expect(readSettings({ REDIS_URL: redisUrl })).toMatchObject({ redisUrl });
    }
  });

  it('tells all that is wrong at once, and no secret', () => {
    const env = {
      PORT: 'http',
      REDIS_URL: 'http://:secret@h',
      REDIS_READ_DEADLINE_MILLIS: '0.5',
      DATABASE_URL: 'mysql://:secret@h',
    };
    expect(() => readSettings(env)).toThrow(/PORT.*REDIS_URL: expected redis:.*REDIS_READ_DEADLINE_MILLIS/);
    expect(() => readSettings(env)).toThrow(/DATABASE_URL/);
    expect(() => readSettings(env)).not.toThrow(/secret/);
  });
});
