import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import type { Finding } from '../../core/ports/health-check.ts';
import { bad, collected } from '../../test/health/findings.ts';
import { describeWithService } from '../../test/services/find-program.ts';
import { redis, startRedis } from '../../test/services/redis.ts';
import { redisCluster, startRedisCluster } from '../../test/services/redis-cluster.ts';
import { createSystemClock } from '../clock/system-clock.ts';
import { redisHealth } from './health.ts';

const clock = createSystemClock();
const examine = (url: string): Promise<Finding[]> => collected(redisHealth({ url, clock }).checks());

describeWithService('the doctor on Redis', redis, () => {
  it('finds nothing wrong with a server that keeps all or nothing, and leaves no key there', async () => {
    await using server = await startRedis();
    const all = await examine(server.url);
    expect(bad(all)).toEqual([]);
    expect(all).toContainEqual(expect.objectContaining({ what: 'rights to the commands and keys', level: 'ok' }));
    const admin = new Redis(server.url);
    expect(await admin.dbsize()).toBe(0);
    await admin.quit();
    await using appending = await startRedis({ appendonly: 'yes', save: '60 1' });
    const appended = await examine(appending.url);
    expect(bad(appended)).toEqual([]);
    expect(appended).toContainEqual(expect.objectContaining({ got: 'appendonly', level: 'ok' }));
  });

  it('tells of what evicts, of snapshots alone, and of a full memory', async () => {
    await using server = await startRedis({ 'maxmemory-policy': 'allkeys-lru', maxmemory: '100mb', save: '60 1' });
    expect(bad(await examine(server.url))).toMatchObject([
      { level: 'fail', what: expect.stringContaining('maxmemory-policy'), got: 'allkeys-lru' },
      { level: 'fail', what: expect.stringContaining('persistence'), got: 'snapshots only (save 60 1)' },
    ]);
    const admin = new Redis(server.url);
    await admin.config('SET', 'maxmemory-policy', 'noeviction', 'save', '', 'maxmemory', '1mb');
    const full = bad(await examine(server.url));
    expect(full[0]).toMatchObject({ level: 'warn', what: expect.stringContaining('memory of') });
    expect(full[1]).toMatchObject({ level: 'fail', remedy: expect.stringContaining('Raise maxmemory') });
    await admin.quit();
  });

  it('says which command a user lacks, and that a replica takes no writes', async () => {
    await using server = await startRedis();
    const admin = new Redis(server.url);
    await admin.acl('SETUSER', 'poor', 'on', '>secret', '~*', '+info', '+mget', '+script|load', '+evalsha');
    const poor = bad(await examine(server.url.replace('//', '//poor:secret@')));
    expect(poor).toMatchObject([
      { level: 'warn', what: expect.stringContaining('persistence') },
      { level: 'fail', what: expect.stringContaining('rights to the commands') },
    ]);
    expect(poor[1]!.got).toMatch(/can't run this command/);
    expect(JSON.stringify(poor)).not.toContain('secret');
    await using replica = await startRedis({ replicaof: `127.0.0.1 ${server.port}` });
    expect(bad(await examine(replica.url))[0]).toMatchObject({ level: 'fail', got: 'slave' });
    await admin.quit();
  });
});

describeWithService('the doctor on Redis Cluster', redisCluster, () => {
  it('looks at each master, and tells of one without a replica and of a slot without a master', async () => {
    await using servers = await startRedisCluster();
    let all: readonly Finding[] = [];
    const again = async () => {
      all = await examine(servers.url);
      return bad(all);
    };
    // Replicas are known a while after the masters.
    await expect.poll(again, { timeout: 30_000 }).toEqual([]);
    expect(all.filter(({ what }) => what.startsWith('maxmemory-policy'))).toHaveLength(3);
    for (const node of servers.nodes) {
      const admin = new Redis(node.url);
      await admin.config('SET', 'cluster-require-full-coverage', 'no');
      await admin.quit();
    }
    const admin = new Redis(servers.nodes[0]!.url);
    const [first] = (await admin.cluster('SLOTS')) as unknown as [number, number, [string, number]][];
    await admin.quit();
    const master = servers.nodes.find(({ port }) => port === first![2][1])!;
    const owner = new Redis(master.url);
    await owner.cluster('DELSLOTS', first![0]);
    await owner.quit();
    await expect
      .poll(async () => bad(await examine(master.url.replace('redis:', 'redis+cluster:'))), { timeout: 20_000 })
      .toContainEqual(expect.objectContaining({ level: 'fail', what: 'cluster' }));
  });
});
