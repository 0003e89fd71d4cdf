import { expect, it } from 'vitest';
import { createManualClock } from '../../adapters/clock/manual-clock.ts';
import { createMemoryLiveBus } from '../../adapters/memory/live-bus.ts';
import { createMemoryOnlineStore } from '../../adapters/memory/online-store.ts';
import { collectDefinitions } from '../definitions/collect.ts';
import { col, entity, featureView, push, rowSource, t } from '../index.ts';
import type { OnlineAnswer } from '../ports/online-store.ts';
import { compileDefinitions } from '../registry/compile.ts';
import { hotMillis } from './hot-keys.ts';
import { onlineKey, readyKey } from './keys.ts';
import { createReadCache, type ReadCacheLimits } from './read-cache.ts';

const account = entity('account', { key: { id: t.int64 } });
const accounts = rowSource('accounts', { fields: { id: t.int64, n: t.int64 }, eventTime: 'at', stream: push() });
const of = { entity: account, source: accounts, key: { id: 'id' }, features: { n: col('n') } } as const;
const definitions = {
  account,
  accounts,
  balance: featureView('balance', of),
  quick: featureView('quick', { ...of, freshness: '2s' }),
};

async function world(given: Partial<ReadCacheLimits> = {}) {
  const limits = { bytes: 1_000_000, millis: 10_000, views: null, isForHotKeys: false, ...given };
  const registry = compileDefinitions(collectDefinitions(definitions));
  const memory = createMemoryOnlineStore();
  const clock = createManualClock({ at: 1_000_000 });
  const bus = createMemoryLiveBus();
  const fetches: (readonly string[])[] = [];
  let held: Promise<void> | null = null;
  const store = {
    shards: memory.shards,
    async getMany(keys: readonly string[]): Promise<readonly OnlineAnswer[]> {
      fetches.push(keys);
      const answers = await memory.getMany(keys);
      await held;
      return answers;
    },
  };
  const cache = await createReadCache({ store, bus, registry: () => registry, systemClock: clock, limits });
  const view = (name: string) => registry.views.get(name)![0]!;
  return {
    memory,
    clock,
    cache,
    fetches,
    keyOf: (name: string, id: number) => onlineKey(view(name), [id], memory.shards),
    marker: readyKey(view('balance'), memory.shards[0]!),
    get: async (...keys: string[]) => (await cache.store.getMany(keys)).map((answer) => (answer as Buffer | null)?.[0]),
    set: (key: string, byte: number) => memory.put(key, Uint8Array.of(byte)),
    async tell(name: string, ids: readonly number[]): Promise<void> {
      const keys = ids.map((id) => [id]);
      await bus.publish({ kind: 'featureUpdate', view: name, version: 1, keys, eventTime: 0, arrival: 0 });
      // Listeners are called in a turn of their own.
      await new Promise(setImmediate);
    },
    /** Answers of the store wait until what this returns is called. */
    hold(): () => void {
      let release = () => {};
      held = new Promise((resolve) => {
        release = resolve;
      });
      return () => {
        held = null;
        release();
      };
    },
  };
}

it('asks the store once for what it has, be it something or nothing, until an update tells of it', async () => {
  const { get, set, tell, keyOf, fetches, cache } = await world();
  const [one, two, none] = [keyOf('balance', 1), keyOf('balance', 2), keyOf('balance', 3)];
  await set(one, 1);
  await set(two, 2);
  expect(await get(one, two, none)).toEqual([1, 2, undefined]);
  await set(one, 11);
  await set(none, 13);
  expect(await get(none, one, two)).toEqual([undefined, 1, 2]);
  expect(fetches).toHaveLength(1);
  await tell('balance', [1, 3]);
  expect(await get(one, two, none)).toEqual([11, 2, 13]);
  expect(fetches).toEqual([
    [one, two, none],
    [one, none],
  ]);
  expect(cache.counts()).toEqual({ asked: 9, hits: 4 });
});

it('keeps nothing that was under way when an update came, and lets nobody who asks later share it', async () => {
  const { get, set, tell, keyOf, hold, fetches } = await world();
  const key = keyOf('balance', 1);
  await set(key, 1);
  const release = hold();
  const [before, shared] = [get(key), get(key)];
  await set(key, 2);
  await tell('balance', [1]);
  const after = get(key);
  release();
  expect(await Promise.all([before, shared, after])).toEqual([[1], [1], [2]]);
  expect(fetches).toHaveLength(2);
  expect(await get(key)).toEqual([2]);
  expect(fetches).toHaveLength(2);
});

it('keeps a state no longer than its view may be stale, and markers for a second', async () => {
  const { get, set, keyOf, marker, clock } = await world();
  const [balance, quick] = [keyOf('balance', 1), keyOf('quick', 1)];
  const all = [balance, quick, marker] as const;
  for (const key of all) await set(key, 1);
  await get(...all);
  for (const key of all) await set(key, 2);
  await clock.advance(999);
  expect(await get(...all)).toEqual([1, 1, 1]);
  await clock.advance(2);
  expect(await get(...all)).toEqual([1, 1, 2]);
  await clock.advance(1_000);
  expect(await get(...all)).toEqual([1, 2, 2]);
  await clock.advance(8_000);
  expect(await get(...all)).toEqual([2, 2, 2]);
});

it('keeps as much as it may, and what was asked for last', async () => {
  const { get, keyOf, fetches } = await world({ bytes: 2_000, millis: 10_000 });
  const keys = Array.from({ length: 50 }, (_, id) => keyOf('balance', id));
  await get(...keys);
  await get(...keys.slice(-3));
  expect(fetches).toHaveLength(1);
  await get(keys[0]!);
  expect(fetches).toHaveLength(2);
});

it('keeps states of the views that it is told of, and markers', async () => {
  const { get, set, keyOf, marker, fetches } = await world({ views: ['quick'] });
  const [balance, quick] = [keyOf('balance', 1), keyOf('quick', 1)];
  for (const key of [balance, quick, marker]) await set(key, 1);
  await get(balance, quick, marker);
  await set(balance, 2);
  expect(await get(balance, quick, marker)).toEqual([2, 1, 1]);
  expect(fetches.slice(1)).toEqual([[balance]]);
});

it('keeps only what is asked for again within ten seconds, where it is for hot keys', async () => {
  const { get, set, keyOf, marker, clock, fetches } = await world({ isForHotKeys: true, millis: 60_000 });
  const [rare, often] = [keyOf('balance', 1), keyOf('balance', 2)];
  for (const key of [rare, often]) await set(key, 1);
  await get(rare, often, marker);
  await clock.advance(hotMillis);
  await get(often);
  await clock.advance(1);
  await get(rare, often);
  await get(rare, often);
  // The marker is kept from the first time on, `often` from its second, `rare`, whose second came too late, from its third.
  expect(fetches).toEqual([[rare, often, marker], [often], [rare], [rare]]);
  await get(rare, often);
  expect(fetches).toHaveLength(4);
});

it('keeps no failure', async () => {
  const { cache, fetches, keyOf, memory } = await world();
  const key = keyOf('balance', 1);
  const { getMany } = memory;
  memory.getMany = async () => {
    throw new Error('away');
  };
  await expect(cache.store.getMany([key])).rejects.toThrow('away');
  memory.getMany = getMany;
  expect(await cache.store.getMany([key])).toEqual([null]);
  expect(fetches).toHaveLength(2);
});
