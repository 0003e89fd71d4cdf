import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { LiveBus } from '../../core/ports/live-bus.ts';
import { collect, liveBusContract, revision } from '../../test/contracts/live-bus.ts';
import { describeWithService } from '../../test/services/find-program.ts';
import { type RedisServer, redis, startRedis } from '../../test/services/redis.ts';
import { redisCluster, startRedisCluster } from '../../test/services/redis-cluster.ts';
import { createSystemClock } from '../clock/system-clock.ts';
import { createRedisLiveBus, type RedisLiveBusOptions } from './live-bus.ts';

const clock = createSystemClock();

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('not in 20 s');
    await clock.sleep(10);
  }
}

describeWithService('the live bus on Redis', redis, () => {
  let server: RedisServer;
  let admin: Redis;
  const open: LiveBus[] = [];
  const openBus = (options: Partial<RedisLiveBusOptions> = {}): LiveBus => {
    const bus = createRedisLiveBus({ url: server.url, clock, ...options });
    open.push(bus);
    return bus;
  };
  beforeAll(async () => {
    server = await startRedis();
    admin = new Redis(server.url);
    admin.on('error', () => {});
  });
  afterAll(async () => {
    admin.disconnect();
    await server[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    await admin.flushall();
  });
  afterEach(async () => {
    for (const bus of open.splice(0)) await bus[Symbol.asyncDispose]();
  });

  liveBusContract('redis', async (bufferSize) => {
    await admin.flushall();
    return createRedisLiveBus({ url: server.url, clock, bufferSize });
  });

  it('takes what other processes publish, each message once and in one order for all', async () => {
    const [one, other, reader] = [openBus(), openBus(), openBus()];
    const [here, there] = [await collect(one, ['registryChange']), await collect(reader, ['registryChange'])];
    const numbers = Array.from({ length: 200 }, (_, number) => number);
    await Promise.all(numbers.map((number) => (number % 2 === 0 ? one : other).publish(revision(number))));
    expect(await there.got(200)).toEqual(await here.got(200));
    expect(there.events.map(({ cursor }) => cursor)).toEqual(here.events.map(({ cursor }) => cursor));
    const seen = there.events.map(({ message }) => (message.kind === 'registryChange' ? message.revision : -1));
    expect(seen.filter((number) => number % 2 === 0)).toEqual(numbers.filter((number) => number % 2 === 0));
    expect([...seen].sort((a, b) => a - b)).toEqual(numbers);
  });

  it('resumes in a process that was started later, and tells it of a gap beyond the buffer', async () => {
    const writer = openBus({ bufferSize: 5 });
    const first = await collect(writer, ['registryChange']);
    for (let number = 0; number < 7; number++) await writer.publish(revision(number));
    await first.got(7);
    const later = openBus({ bufferSize: 5 });
    const newest = [2, 3, 4, 5, 6].map(revision);
    expect(await (await collect(later, ['registryChange'], first.events[1]!.cursor)).got(5)).toEqual(newest);
    expect(await (await collect(later, ['registryChange'], first.events[3]!.cursor)).got(3)).toEqual(newest.slice(2));
    expect(await (await collect(later, ['registryChange'], first.events[0]!.cursor)).got(5)).toEqual([
      'gap',
      ...newest,
    ]);
    expect(await admin.xlen('live:{live}')).toBe(5);
  });

  it('takes a cursor of what this process has not read yet', async () => {
    const [behind, ahead] = [openBus(), openBus()];
    await collect(behind, ['registryChange']);
    const first = await collect(ahead, ['registryChange']);
    for (let round = 0; round < 30; round++) {
      await ahead.publish(revision(round));
      await first.got(round + 1);
      const resumed = await collect(behind, ['registryChange'], first.events[round]!.cursor);
      await clock.sleep(1);
      expect(resumed.heard).toEqual([]);
      resumed.subscription.close();
    }
  });

  it('keeps messages of many keys no longer than their bytes allow', async () => {
    const bus = openBus({ bufferBytes: 10_000 });
    const update = (keys: number) =>
      bus.publish({
        kind: 'featureUpdate',
        view: 'v',
        version: 1,
        keys: Array.from({ length: keys }, (_, key) => [`key ${key}`]),
        eventTime: 0,
        arrival: 0,
      });
    for (let count = 0; count < 100; count++) await update(100);
    expect(await admin.xlen('live:{live}')).toBeGreaterThan(3);
    expect(await admin.xlen('live:{live}')).toBeLessThan(10);
    await update(5_000);
    expect(await admin.xlen('live:{live}')).toBe(1);
  });

  it('reads once for all subscribers, and writes many messages in few commands', async () => {
    const bus = openBus();
    const all = await Promise.all(Array.from({ length: 100 }, () => collect(bus, ['registryChange'])));
    await admin.config('RESETSTAT');
    await Promise.all(Array.from({ length: 1_000 }, (_, number) => bus.publish(revision(number))));
    for (const one of all) await one.got(1_000);
    const commands = String(await admin.info('commandstats'));
    const calls = (name: string): number => Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(commands)?.[1] ?? 0);
    expect(calls('evalsha')).toBeLessThan(10);
    expect(calls('xread')).toBeLessThan(20);
    expect(
      await admin.call('CLIENT', 'LIST', 'TYPE', 'normal').then((list) => String(list).trim().split('\n').length),
    ).toBe(3);
  });

  it('loses and repeats nothing when its connections are cut again and again', async () => {
    const [writer, reader] = [openBus(), openBus()];
    const got = await collect(reader, ['registryChange']);
    const numbers = Array.from({ length: 400 }, (_, number) => number);
    for (const number of numbers) {
      void writer.publish(revision(number));
      if (number % 40 === 20) await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      if (number % 5 === 0) await clock.sleep(2);
    }
    expect(await got.got(400)).toEqual(numbers.map(revision));
  });

  it('tells of a gap when Redis was emptied, and goes on', async () => {
    const bus = openBus();
    const got = await collect(bus, ['registryChange']);
    // Often in the same millisecond: ids come again.
    for (let round = 1; round <= 5; round++) {
      const heard = got.events.length;
      await bus.publish(revision(round));
      await got.got(heard + 1);
      const { cursor } = got.events[heard]!;
      await admin.flushall();
      await bus.publish(revision(-round));
      await got.got(heard + 2);
      expect(got.heard.filter((one) => one !== 'gap').slice(-2)).toEqual([revision(round), revision(-round)]);
      expect(got.heard.at(-2)).toBe('gap');
      expect(await (await collect(bus, ['registryChange'], cursor)).got(1)).toEqual(['gap', revision(-round)]);
    }
  });

  it('tells of a gap when Redis was emptied, though nothing is published', async () => {
    const bus = openBus();
    const got = await collect(bus, ['registryChange']);
    await bus.publish(revision(1));
    await got.got(1);
    await admin.flushall();
    await until(() => got.heard.length === 2);
    expect(got.heard).toEqual([revision(1), 'gap']);
    await bus.publish(revision(2));
    await got.got(2);
    expect(got.heard).toEqual([revision(1), 'gap', revision(2)]);
  });

  it('tells of a gap when Redis is older than what was read, as after a failover', async () => {
    const bus = openBus();
    const got = await collect(bus, ['registryChange']);
    for (const number of [1, 2, 3]) await bus.publish(revision(number));
    await got.got(3);
    const before = got.events[1]!;
    // What a replica had when it took over: the third never came to it.
    const idOf = (cursor: string): string => cursor.split('.')[1]!;
    await admin.xdel('live:{live}', idOf(got.events[2]!.cursor));
    await admin.set('live:{live}:state', `20 ${idOf(before.cursor)} ${before.cursor.split('.')[0]}`);
    await bus.publish(revision(4));
    expect(await got.got(4)).toEqual([revision(1), revision(2), revision(3), 'gap', revision(4)]);
    const resumed = await collect(bus, ['registryChange'], before.cursor);
    expect(await resumed.got(1)).toEqual([revision(4)]);
  });

  it('tells of a gap for what it cannot read, and goes on', async () => {
    const unreadable: string[] = [];
    const bus = openBus({ events: { onUnreadable: (id) => unreadable.push(id) } });
    const got = await collect(bus, ['registryChange']);
    await bus.publish(revision(1));
    for (const message of ['["r",1.5]', '["u","v",1,0,0,[1]]', '["a","x","LOST"]', '["z"]', '{', '']) {
      const [bytes, last = '', epoch = ''] = String(await admin.get('live:{live}:state')).split(' ');
      const id = await admin.xadd('live:{live}', '*', 'e', epoch, 'p', last, 'm', message, 'g', '');
      await admin.set('live:{live}:state', `${bytes} ${id} ${epoch}`);
    }
    await bus.publish(revision(2));
    await got.got(2);
    expect(got.heard.filter((one) => one !== 'gap')).toEqual([revision(1), revision(2)]);
    expect(got.heard[1]).toBe('gap');
    expect(unreadable).toHaveLength(6);
  });

  it('waits for no one while Redis hangs: nothing is lost of what has room', async () => {
    const contacts: string[] = [];
    const events = { onContact: (what: string, lost: unknown) => void contacts.push(`${what} ${lost === null}`) };
    const bus = openBus({ events });
    const got = await collect(bus, ['registryChange']);
    await bus.publish(revision(0));
    await got.got(1);
    server.pause();
    const startedAt = performance.now();
    await bus.publish(revision(1));
    const first = performance.now() - startedAt;
    for (let number = 2; number < 100; number++) await bus.publish(revision(number));
    const all = performance.now() - startedAt;
    expect(first).toBeGreaterThan(1_000);
    expect(all - first).toBeLessThan(1_000);
    // Who knew the stream before is not refused.
    const meanwhile = await collect(bus, ['registryChange']);
    server.resume();
    const numbers = Array.from({ length: 100 }, (_, number) => number);
    expect(await got.got(100)).toEqual(numbers.map(revision));
    expect(await meanwhile.got(99)).toEqual(numbers.slice(1).map(revision));
    await until(() => contacts.includes('writing true'));
    expect(contacts.filter((one) => one.startsWith('writing'))).toEqual(['writing false', 'writing true']);
  });

  it('says so in the stream when it had to leave out what had no room', async () => {
    const bus = openBus({ bufferSize: 10 });
    const got = await collect(bus, ['registryChange']);
    await bus.publish(revision(0));
    await got.got(1);
    const { cursor } = got.events[0]!;
    server.pause();
    await bus.publish(revision(1));
    for (let number = 2; number < 100; number++) await bus.publish(revision(number));
    server.resume();
    await until(() => got.events.at(-1)?.message.kind === 'registryChange' && got.heard.includes('gap'));
    await until(() => JSON.stringify(got.heard.at(-1)) === JSON.stringify(revision(99)));
    expect(got.heard.slice(-11)).toEqual(['gap', ...Array.from({ length: 10 }, (_, at) => revision(90 + at))]);
    const later = await collect(openBus({ bufferSize: 10 }), ['registryChange'], cursor);
    await later.got(1);
    expect(later.heard[0]).toBe('gap');
  });

  it('refuses to subscribe where it never reached Redis, and publishes without waiting long', async () => {
    const bus = openBus({ url: 'redis://127.0.0.1:1' });
    await expect(collect(bus, ['registryChange'])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await bus.publish(revision(1));
  });
});

describeWithService('the live bus on Redis Cluster', redisCluster, () => {
  it('keeps the contract between processes', async () => {
    await using servers = await startRedisCluster();
    await using writer = createRedisLiveBus({ url: servers.url, clock });
    await using reader = createRedisLiveBus({ url: servers.url, clock });
    const got = await collect(reader, ['registryChange']);
    const numbers = Array.from({ length: 100 }, (_, number) => number);
    await Promise.all(numbers.map((number) => writer.publish(revision(number))));
    expect(await got.got(100)).toEqual(numbers.map(revision));
    await using later = createRedisLiveBus({ url: servers.url, clock });
    expect(await (await collect(later, ['registryChange'], got.events[49]!.cursor)).got(50)).toEqual(
      numbers.slice(50).map(revision),
    );
  });
});
