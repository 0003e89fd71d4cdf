import { availableParallelism } from 'node:os';
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

  it('does not refuse every document', () => {
    expect(() => readSettings({ ASOF_FREE_DOCUMENTS: 'refused' })).toThrow(/refused needs ASOF_DOCUMENTS_FILE/);
    expect(readSettings({ ASOF_FREE_DOCUMENTS: 'refused', ASOF_DOCUMENTS_FILE: 'm.json' }).documentsFile).toMatch(
      /m\.json$/,
    );
  });

  it('counts workers, of roles that have some', () => {
    expect(readSettings({}).workers).toBe(1);
    for (const role of ['all', 'online', 'gateway'] as const) {
      const servers = { DATABASE_URL: 'postgres://h/d', REDIS_URL: 'redis://h', KAFKA_BROKERS: 'h:1' };
      expect(readSettings({ ...servers, ASOF_WORKERS: '3' }, role).workers).toBe(3);
    }
    expect(readSettings({ ASOF_WORKERS: 'auto' }).workers).toBe(Math.min(availableParallelism(), 256));
    const registry = { DATABASE_URL: 'postgres://h/d' };
    expect(readSettings({ ...registry, ASOF_WORKERS: '1' }, 'registry').workers).toBe(1);
    expect(() => readSettings({ ...registry, ASOF_WORKERS: '2' }, 'registry')).toThrow(/registry alone has no workers/);
    for (const count of ['0', '257', '-1', '1.5', 'two', ' ']) {
      expect(() => readSettings({ ASOF_WORKERS: count }), count).toThrow(
        /expected a whole number from 1 to 256, or auto/,
      );
    }
  });

  it('reads what the cache of states is for', () => {
    expect(readSettings({}).onlineCache).toBeNull();
    const env = {
      ASOF_ONLINE_CACHE: '64MB',
      ASOF_ONLINE_CACHE_VIEWS: 'route_delays, network',
      ASOF_ONLINE_CACHE_KEYS: 'hot',
    };
    const bytes = 64 * 1024 ** 2;
    expect(readSettings({ ASOF_ONLINE_CACHE: '64MB' }).onlineCache).toEqual({
      bytes,
      millis: 1_000,
      views: null,
      isForHotKeys: false,
    });
    expect(readSettings(env).onlineCache).toMatchObject({ views: ['route_delays', 'network'], isForHotKeys: true });
    expect(() => readSettings({ ...env, ASOF_ONLINE_CACHE_VIEWS: 'a:b', ASOF_ONLINE_CACHE_KEYS: 'warm' })).toThrow(
      /ASOF_ONLINE_CACHE_KEYS.*all.*hot.*"a:b"/,
    );
  });

  it('says which stores a part lacks that it shares with others, all at once', () => {
    const env = { DATABASE_URL: 'postgres://h/d' };
    expect(() => readSettings(env, 'online')).toThrow(
      /not usable: REDIS_URL, KAFKA_BROKERS: expected, since .* online alone/,
    );
    expect(() => readSettings(env, 'online')).not.toThrow(/DATABASE_URL/);
    expect(readSettings(env, 'registry')).toMatchObject({ port: 4001, redisUrl: null });
    expect(readSettings({}, 'gateway')).toMatchObject({
      port: 4000,
      subgraphUrls: { registry: ['http://127.0.0.1:4001'], online: ['http://127.0.0.1:4002'] },
    });
    const elsewhere = { ASOF_ONLINE_URL: 'https://online.internal:8443, http://127.0.0.2:4002,' };
    expect(readSettings(elsewhere, 'gateway').subgraphUrls.online).toEqual([
      'https://online.internal:8443',
      'http://127.0.0.2:4002',
    ]);
    expect(() => readSettings({ ASOF_DRAIN_MILLIS: '5000', ASOF_GRACE_MILLIS: '5000' })).toThrow(
      /less than ASOF_GRACE/,
    );
    expect(() => readSettings({ ASOF_ONLINE_URL: 'online:4002' }, 'gateway')).toThrow(/ASOF_ONLINE_URL: expected http/);
  });

  it('keeps what a part has for itself apart from the other parts, and history where it is told', () => {
    expect(readSettings({}).dataDir).toMatch(/\.asof$/);
    expect(readSettings({}).offlineDir).toMatch(/\.asof\/offline$/);
    expect(readSettings({}, 'gateway').dataDir).toMatch(/\.asof\/gateway$/);
    for (const said of ['/srv/history', 'file:///srv/history']) {
      expect(readSettings({ OFFLINE_URL: said }).offlineDir).toBe('/srv/history');
    }
    expect(() => readSettings({ OFFLINE_URL: 's3://bucket/history' })).toThrow(/OFFLINE_URL: expected a path/);
    expect(() => readSettings({ ASOF_FLUSH_MILLIS: '0' })).toThrow(/ASOF_FLUSH_MILLIS: expected .* from 100/);
  });
});
