import { Cluster } from 'ioredis';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createSystemClock } from '../../adapters/clock/system-clock.ts';
import type { Unanswered } from '../../adapters/redis/asker.ts';
import { openRedisOnlineStore } from '../../adapters/redis/open.ts';
import { slotOf } from '../../adapters/redis/slots.ts';
import { onlineKey } from '../../core/online/keys.ts';
import type { OnlineStore } from '../../core/ports/online-store.ts';
import { describeWithService } from '../services/find-program.ts';
import type { RedisServer } from '../services/redis.ts';
import { type RedisCluster, redisCluster, startRedisCluster } from '../services/redis-cluster.ts';
import { createOnlineWorld, type OnlineWorld } from './online-world.ts';

const airports = Array.from({ length: 60 }, (_, index) => `A${index}`);

describeWithService('requests over a Redis Cluster', redisCluster, () => {
  let servers: RedisCluster;
  let admin: Cluster;
  let store: OnlineStore;
  let world: OnlineWorld;
  const unanswered: Unanswered[] = [];
  const breakers: [string, boolean][] = [];
  let flights = 0;

  beforeAll(async () => {
    servers = await startRedisCluster();
    admin = new Cluster(servers.nodes.map(({ port }) => ({ host: '127.0.0.1', port })));
    await admin.ping();
    store = await openRedisOnlineStore({
      url: servers.url,
      clock: createSystemClock(),
      deadlines: { readMillis: 300 },
      events: {
        onUnanswered: (_server, reason) => unanswered.push(reason),
        onBreaker: (server, isOpen) => breakers.push([server, isOpen]),
      },
    });
    world = await createOnlineWorld({ store });
    await land();
    for (const node of admin.nodes('master')) await node.wait(1, 5_000);
  });
  afterAll(async () => {
    await store[Symbol.asyncDispose]();
    admin.disconnect();
    await servers[Symbol.asyncDispose]();
  });

  /** One more landing at each airport; as ingest does, it repeats what was not confirmed. */
  async function land(): Promise<void> {
    const rows = airports.map((origin) => ({
      ...{ flightId: ++flights, landedAt: '2001-06-01T11:59:00Z', origin, destination: 'ORD' },
      ...{ delayMinutes: 20, fare: '9.50' },
    }));
    await vi.waitFor(() => world.apply('landings', rows), { timeout: 20_000 });
    await world.clock.advance(1_000);
  }

  /** `masterOf` knows what the servers know. */
  const refreshed = (): Promise<unknown> => new Promise((resolve) => admin.refreshSlotsCache(resolve));
  const masterOf = (iata: string): string => {
    const view = world.registry.views.get('origin_delays')!.at(-1)!;
    return admin.slots[slotOf(onlineKey(view, [iata], store.shards))]![0]!;
  };
  const serverNamed = (name: string): RedisServer => servers.nodes.find(({ port }) => name.endsWith(`:${port}`))!;

  /** Per airport its landings, its status where it has none, or the error's code. */
  async function read(): Promise<unknown[]> {
    const query = `query($iata: [String!]!) { airports(iata: $iata) { originDelays { landed1h meta { status } } } }`;
    const { data, errors = [] } = await world.query(query, { iata: airports });
    const failed = new Set(errors.map(({ path }) => path![1]));
    type Airport = { originDelays: { landed1h: number | null; meta: { status: string } } | null };
    return (data!.airports as unknown as readonly Airport[]).map(({ originDelays }, index) => {
      if (originDelays === null) return failed.has(index) ? 'error' : 'null without an error';
      return originDelays.landed1h ?? originDelays.meta.status;
    });
  }
  const expected = (onLost: unknown, lost: string, otherwise: unknown): unknown[] =>
    airports.map((iata) => (masterOf(iata) === lost ? onLost : otherwise));

  it('answers from every server', async () => {
    expect(new Set(airports.map(masterOf)).size).toBe(3);
    expect(await read()).toEqual(airports.map(() => 1));
  });

  it('while one does not answer, gives errors for its keys in time and the others’ values, and soon asks it no more', async () => {
    const paused = masterOf('A0');
    serverNamed(paused).pause();
    expect(await read()).toEqual(expected('error', paused, 1));
    expect([...new Set(unanswered)]).toEqual(['deadline']);
    // Reads at once count each: the breaker is open before the cluster finds out what is wrong.
    await Promise.all(Array.from({ length: 5 }, () => store.getMany([`k:{${shardOn(paused)}}`])));
    expect(breakers).toEqual([[paused, true]]);
    unanswered.length = 0;
    expect(await read()).toEqual(expected('error', paused, 1));
    expect([...new Set(unanswered)]).toEqual(['open']);
    serverNamed(paused).resume();
    await expect.poll(read, { timeout: 20_000 }).toEqual(airports.map(() => 1));
  });

  const shardOn = (server: string): string =>
    store.shards.find((shard) => admin.slots[slotOf(`{${shard}}`)]![0] === server)!;

  it('when one master is killed, gives errors for its keys until its replica has taken over, then all values', async () => {
    await refreshed();
    const killed = masterOf('A1');
    await serverNamed(killed).kill();
    expect(await read()).toEqual(expected('error', killed, 1));
    await expect.poll(read, { timeout: 30_000 }).toEqual(airports.map(() => 1));
    await land();
    expect(await read()).toEqual(airports.map(() => 2));
  });

  it('when one server lost its data, says NOT_READY for its keys only, whatever the stream writes meanwhile', async () => {
    await refreshed();
    const lost = masterOf('A2');
    await admin
      .nodes('master')
      .find(({ options }) => `${options.host}:${options.port}` === lost)!
      .flushall();
    expect(await read()).toEqual(expected('NOT_READY', lost, 2));
    await land();
    expect(await read()).toEqual(expected('NOT_READY', lost, 3));
  });
});
