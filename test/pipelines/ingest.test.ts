import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LiveMessage } from '../../core/ports/live-bus.ts';
import { click, clicksDefinitions, clicksView, registryOf, start } from './clicks.ts';
import { createGround, type Ground, idle, openWorld, type World } from './world.ts';

let ground: Ground;
const open: World[] = [];

beforeEach(async () => {
  ground = await createGround(start);
});
afterEach(async () => {
  for (const world of open.splice(0)) await world.close();
  await ground.remove();
});

async function started(...[registry, options]: [ReturnType<typeof registryOf>, Parameters<typeof openWorld>[2]?]) {
  const world = await openWorld(ground, registry, options);
  open.push(world);
  await world.ingest.start();
  await world.materializer.ensureReady(world.registry);
  return world;
}

/** Ends the world as `kill -9` would: nothing is flushed or committed, the tail is gone. */
async function crash(world: World): Promise<void> {
  open.splice(open.indexOf(world), 1);
  await world.ingest.pause();
  await world.log[Symbol.asyncDispose]();
  await world.offline[Symbol.asyncDispose]();
}

describe('ingest', () => {
  test('applies events to both stores and tells which keys changed', async () => {
    const world = await started(registryOf(clicksDefinitions));
    const told: LiveMessage[] = [];
    await ground.bus.subscribe(['featureUpdate'], { onEvent: ({ message }) => void told.push(message), onGap() {} });
    await world.push('clicks', [click(1, 'a', start, 5), click(2, 'b', start, 7), click(3, 'a', start, 1)]);
    await world.applied('clicks');
    await ground.clock.advance(2_000);
    expect(await world.values('user_clicks', ['a'])).toEqual({
      status: 'PRESENT',
      clicks_1h: 2,
      clicks_ever: 2,
      amount_ever: 6,
    });
    expect(told).toMatchObject([
      { kind: 'featureUpdate', view: 'user_clicks', keys: [['a'], ['b']], eventTime: start },
    ]);
    const view = world.registry.views.get('user_clicks')![0]!;
    const held = [];
    for await (const { key, records } of world.offline.scanByKey(view)) held.push([key, records.length]);
    expect(held).toEqual([
      [['a'], 2],
      [['b'], 1],
    ]);
  });

  test('keeps bad records as dead letters with their place and goes on', async () => {
    const world = await started(registryOf(clicksDefinitions));
    await world.push('clicks', ['not json', '[1]', { userId: 'a', clickId: 1 }, click(2, 'a', start)]);
    await world.applied('clicks');
    const letters = await world.deadLetters.list('clicks', 10);
    expect(letters.map(({ offset, code, payload }) => [offset, code, payload])).toEqual([
      [2, 'BAD_RECORD', '{"userId":"a","clickId":1}'],
      [1, 'BAD_RECORD', '[1]'],
      [0, 'BAD_RECORD', 'not json'],
    ]);
    expect(letters[0]!.reason).toContain('clicks.at');
    await ground.clock.advance(2_000);
    expect(await world.values('user_clicks', ['a'])).toMatchObject({ clicks_ever: 1 });
    expect(world.ingest.statistics.of('clicks')).toMatchObject({ records: 4, rejected: 3 });
  });

  test('counts every event exactly once over a crash without flush, and reports bad ones once', async () => {
    const registry = registryOf(clicksDefinitions);
    const first = await started(registry);
    await first.push('clicks', [click(1, 'a', start), 'bad', click(2, 'a', start)]);
    await first.applied('clicks');
    await first.ingest.flush();
    await first.push('clicks', [click(3, 'a', start), 'bad too', click(4, 'a', start)]);
    await first.applied('clicks');
    await crash(first);

    const second = await started(registry);
    await second.push('clicks', [click(5, 'a', start), click(4, 'a', start)]);
    await second.applied('clicks');
    await ground.clock.advance(2_000);
    expect(await second.values('user_clicks', ['a'])).toMatchObject({ clicks_ever: 5, amount_ever: 5 });
    const view = registry.views.get('user_clicks')![0]!;
    const offsets = [];
    for await (const { records } of second.offline.scanByKey(view))
      offsets.push(...records.map(({ offset }) => offset));
    expect(offsets).toEqual([0, 2, 3, 5, 6, 7]);
    expect(await second.deadLetters.counts()).toEqual(new Map([['clicks', 2]]));
    expect(second.ingest.statistics.of('clicks')).toMatchObject({ duplicates: 1 });
  });

  test('commits only what is durable: after so many records, after a while, and at the stop', async () => {
    const world = await started(registryOf(clicksDefinitions), { limits: { flushRecords: 3, flushMillis: 1_000 } });
    const committed = async () => (await world.log.committed('ingest', 'clicks')).get(0)?.offset ?? 0;
    await world.push('clicks', [click(1, 'a', start), click(2, 'a', start)]);
    await world.applied('clicks');
    expect(await committed()).toBe(0);
    await world.push('clicks', [click(3, 'a', start)]);
    await world.applied('clicks');
    await expect.poll(committed).toBe(3);
    await world.push('clicks', [click(4, 'a', start)]);
    await world.applied('clicks');
    expect(await committed()).toBe(3);
    await ground.clock.advance(1_000);
    await idle(world.ingest);
    await expect.poll(committed).toBe(4);
    await world.push('clicks', [click(5, 'a', start)]);
    await world.applied('clicks');
    await world.ingest.stop();
    expect(await committed()).toBe(5);
  });

  test('goes on while files are written, commits what they hold, and waits where none can be written', async () => {
    const world = await started(registryOf(clicksDefinitions), { limits: { flushRecords: 2, flushMillis: 1_000 } });
    const { flush } = world.offline;
    const full = new Error('the disk is full');
    const waiting: ((error: Error | null) => void)[] = [];
    Object.assign(world.offline, {
      flush: async (source: Parameters<typeof flush>[0]) => {
        const error = await new Promise<Error | null>((resolve) => waiting.push(resolve));
        if (error !== null) throw error;
        return await flush(source);
      },
    });
    const written = async (error: Error | null) => {
      await expect.poll(() => waiting).toHaveLength(1);
      waiting.pop()!(error);
    };
    const committed = async () => (await world.log.committed('ingest', 'clicks')).get(0)?.offset ?? 0;
    const push = (...ids: number[]) => {
      const clicks = ids.map((id) => click(id, 'a', start));
      return world.push('clicks', clicks);
    };
    await push(1, 2);
    await world.applied('clicks');
    await push(3);
    await world.applied('clicks');
    expect(await committed()).toBe(0);
    await written(null);
    await expect.poll(committed).toBe(2);

    await push(4);
    await world.applied('clicks');
    await written(full);
    await expect.poll(() => world.errors).toEqual([full]);
    await push(5);
    await written(full);
    await expect.poll(() => world.errors).toEqual([full, full]);
    await push(6);
    expect(world.ingest.nextOffsets('clicks').get(0)).toBe(5);
    expect(await committed()).toBe(2);
    await ground.clock.advance(1_000);
    await written(null);
    await expect.poll(committed).toBeGreaterThan(4);
    Object.assign(world.offline, { flush });
    for (const go of waiting) go(null);
    await world.ingest.stop();
    expect(await committed()).toBe(world.ingest.nextOffsets('clicks').get(0));
  });

  test('waits while paused and goes on after it', async () => {
    const world = await started(registryOf(clicksDefinitions));
    await world.ingest.pause();
    await world.push('clicks', [click(1, 'a', start)]);
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(world.ingest.nextOffsets('clicks').get(0) ?? 0).toBe(0);
    world.ingest.resume();
    await world.applied('clicks');
    await world.ingest.pause();
    await world.ingest.stop();
    expect((await world.log.committed('ingest', 'clicks')).get(0)?.offset).toBe(1);
  });

  test('takes up a source that is added while it runs, with what its topic held before', async () => {
    const source = clicksDefinitions.sources[0]!;
    const second = { ...source, name: 'visits' };
    const pushed = { ...source, name: 'taps', stream: { kind: 'push' } as const };
    const world = await started(registryOf(clicksDefinitions));
    await world.push('clicks', [click(1, 'a', start), 'bad', click(2, 'a', start)]);
    await world.applied('clicks');
    world.registry = registryOf(clicksDefinitions, {
      ...clicksDefinitions,
      sources: [source, second, pushed],
      views: [
        clicksView({}),
        clicksView({ name: 'visits', source: 'visits' }),
        clicksView({ name: 'taps', source: 'taps' }),
      ],
    });
    await world.ingest.registryChanged();
    await world.materializer.ensureReady(world.registry);
    await world.push('clicks', [click(3, 'a', start)]);
    await world.push('push.taps', [click(1, 'a', start)]);
    await world.applied('clicks');
    await world.applied('push.taps');
    await ground.clock.advance(2_000);
    expect(await world.values('user_clicks', ['a'])).toMatchObject({ clicks_ever: 3 });
    expect(await world.values('visits', ['a'])).toMatchObject({ status: 'PRESENT', clicks_ever: 3 });
    expect(await world.values('taps', ['a'])).toMatchObject({ status: 'PRESENT', clicks_ever: 1 });
    expect(await world.deadLetters.counts()).toEqual(
      new Map([
        ['clicks', 1],
        ['visits', 1],
      ]),
    );
  });

  test('a batch that comes between the new registry and its taking up finds the new source whole', async () => {
    const source = clicksDefinitions.sources[0]!;
    const world = await started(registryOf(clicksDefinitions));
    await world.push('clicks', [click(1, 'a', start), click(2, 'a', start)]);
    await world.applied('clicks');
    const views = [clicksView({}), clicksView({ name: 'visits', source: 'visits' })];
    const sources = [source, { ...source, name: 'visits' }];
    world.registry = registryOf(clicksDefinitions, { ...clicksDefinitions, sources, views });
    await world.push('clicks', [click(3, 'a', start)]);
    await world.applied('clicks');
    await world.ingest.registryChanged();
    await world.materializer.ensureReady(world.registry);
    await ground.clock.advance(2_000);
    expect(await world.values('visits', ['a'])).toMatchObject({ status: 'PRESENT', clicks_ever: 3 });
    const held = [];
    for await (const { records } of world.offline.scanByKey(world.registry.views.get('visits')![0]!)) {
      held.push(records.map(({ offset }) => offset));
    }
    expect(held).toEqual([[0, 1, 2]]);
  });

  test('loses nothing of a source that is no longer defined', async () => {
    const other = { ...clicksDefinitions.sources[0]!, name: 'taps', stream: { kind: 'push' } as const };
    const both = { ...clicksDefinitions, sources: [...clicksDefinitions.sources, other] };
    const world = await started(registryOf(both));
    await world.push('push.taps', [click(1, 'a', start)]);
    await world.applied('push.taps');
    world.registry = registryOf(both, clicksDefinitions);
    await world.ingest.registryChanged();
    await world.ingest.flush();
    const committed = await world.log.committed('ingest', 'push.taps');
    const durable = await world.offline.durablePositions(registryOf(both).sources.get('taps')!);
    expect([committed.get(0)?.offset, durable.get('push.taps/0')]).toEqual([1, 0]);
  });

  test('reports a bad record once, however often the registry changes', async () => {
    const world = await started(registryOf(clicksDefinitions));
    await world.push('clicks', [click(1, 'a', start), 'bad']);
    await world.applied('clicks');
    for (let revision = 0; revision < 3; revision++) {
      world.registry = registryOf(clicksDefinitions);
      await world.ingest.registryChanged();
    }
    expect(await world.deadLetters.counts()).toEqual(new Map([['clicks', 1]]));
  });

  test('goes on serving retired views and older versions', async () => {
    const world = await started(registryOf(clicksDefinitions));
    const changed = { ...clicksDefinitions, views: [clicksView({ grain: '1m' })] };
    world.registry = registryOf(clicksDefinitions, changed);
    await world.ingest.registryChanged();
    await world.materializer.ensureReady(world.registry);
    world.registry = registryOf(clicksDefinitions, changed, { ...clicksDefinitions, views: [] });
    await world.push('clicks', [click(1, 'a', start)]);
    await world.applied('clicks');
    await ground.clock.advance(60_000);
    expect(await world.values('user_clicks', ['a'], 1)).toMatchObject({ clicks_ever: 1 });
    expect(await world.values('user_clicks', ['a'], 2)).toMatchObject({ clicks_ever: 1 });
  });

  test('starts again after a failure of a store, and loses nothing', async () => {
    const world = await started(registryOf(clicksDefinitions));
    const { append } = world.offline;
    let failures = 1;
    Object.assign(world.offline, {
      append: (...args: Parameters<typeof append>) =>
        failures-- > 0 ? Promise.reject(new Error('the disk is full')) : append(...args),
    });
    await world.push('clicks', [click(1, 'a', start)]);
    while (world.errors.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(world.errors.splice(0)).toMatchObject([{ message: 'the disk is full' }]);
    await ground.clock.advance(1_000);
    await world.applied('clicks');
    await ground.clock.advance(2_000);
    expect(await world.values('user_clicks', ['a'])).toMatchObject({ clicks_ever: 1 });
  });
});
