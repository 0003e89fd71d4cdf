import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { unreadyShards } from '../../core/online/ready.ts';
import { watchMarkers } from '../../pipelines/materialize/marker-watch.ts';
import { click, clicksView, clicksWithHistory, registryOf, start } from './clicks.ts';
import { createMemoryDocuments } from './memory-documents.ts';
import { createGround, type Ground, idle, openWorld, type World } from './world.ts';

let ground: Ground;
let world: World | null = null;

beforeEach(async () => {
  ground = await createGround(start);
  await mkdir(join(ground.folder, 'history'));
  const lines = [click(1, 'a', start - 3_600_000, 5), click(2, 'a', start - 7_200_000)];
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  await writeFile(join(ground.folder, 'history', 'may.ndjson'), text);
});
afterEach(async () => {
  await world?.close();
  await ground.remove();
});

async function opened(on: Ground, registry = registryOf(clicksWithHistory)): Promise<World> {
  world = await openWorld(on, registry);
  await world.ingest.start();
  const jobs = await world.materializer.ensureReady(registry);
  expect(jobs.map(({ state }) => state)).not.toContain('FAILED');
  return world;
}

async function recordsHeld({ offline, registry }: World): Promise<number> {
  let records = 0;
  const view = registry.views.get('user_clicks')!.at(-1)!;
  for await (const group of offline.scanByKey(view)) records += group.records.length;
  return records;
}

test('what was imported and pushed is read again when the offline store lost it', async () => {
  const first = await opened(ground);
  await first.push('clicks', [click(3, 'a', start)]);
  await first.applied('clicks');
  expect(await recordsHeld(first)).toBe(3);
  await first.close();
  await rm(join(ground.folder, 'offline'), { recursive: true });

  const second = await opened(ground);
  expect(await recordsHeld(second)).toBe(3);
  await ground.clock.advance(2_000);
  expect(await second.values('user_clicks', ['a'])).toMatchObject({ clicks_ever: 3 });
});

test('values that a lost registry left online are not taken for those of another definition', async () => {
  const first = await opened(ground);
  await ground.clock.advance(2_000);
  expect(await first.values('user_clicks', ['a'])).toMatchObject({ amount_ever: 6 });
  await first.close();
  await rm(join(ground.folder, 'offline'), { recursive: true });

  const doubled = clicksView({
    features: [
      { name: 'amount_ever', kind: 'aggregate', aggregate: { function: 'countRows' }, window: 'lifetime' },
      { name: 'clicks_1d', kind: 'aggregate', aggregate: { function: 'countRows' }, window: '1d' },
    ],
  });
  const registry = registryOf({ ...clicksWithHistory, views: [doubled] });
  const lost: Ground = { ...ground, documents: createMemoryDocuments() };
  const second = await opened(lost, registry);
  expect(await second.values('user_clicks', ['a'])).toMatchObject({ status: 'PRESENT', amount_ever: 2, clicks_1d: 2 });
  expect(await unreadyShards(ground.online, [registry.views.get('user_clicks')!.at(-1)!])).toEqual([[]]);
});

describe('values lost while the process runs', () => {
  const lose = async (): Promise<void> => {
    for await (const key of ground.online.scan('')) await ground.online.delete([key]);
  };
  const clicksEver = async ({ values }: World) => (await values('user_clicks', ['a'])).clicks_ever;

  test('are noticed and filled again, also for keys that the writer still holds', async () => {
    const { states, materializer, ingest, registry, push, applied, values } = await opened(ground);
    await push('clicks', [click(3, 'a', start)]);
    await applied('clicks');
    await lose();
    // Stands on nothing, and must not count as if it were the whole.
    await push('clicks', [click(4, 'b', start)]);
    await applied('clicks');
    const outcomes: string[][] = [];
    const watch = watchMarkers({
      views: () => registry.views.get('user_clicks')!,
      states,
      systemClock: ground.clock,
      refill: async () => {
        const jobs = await materializer.ensureReady(registry);
        outcomes.push(jobs.map(({ state }) => state));
        return true;
      },
      onError: (error) => outcomes.push([String(error)]),
    });
    await ground.clock.advance(2_000);
    await expect.poll(() => outcomes).toEqual([['SUCCEEDED']]);
    await watch[Symbol.asyncDispose]();
    await idle(ingest);
    await ground.clock.advance(2_000);
    expect(await values('user_clicks', ['a'])).toMatchObject({ status: 'PRESENT', clicks_ever: 3 });
    expect(await values('user_clicks', ['b'])).toMatchObject({ status: 'PRESENT', clicks_ever: 1 });
  });

  test('are never vouched for by a backfill or an import that was asked for meanwhile', async () => {
    const world = await opened(ground);
    await lose();
    const { id } = await world.materializer.backfill(['user_clicks']);
    await expect.poll(async () => (await world.materializer.get(id))?.state).toBe('SUCCEEDED');
    await ground.clock.advance(2_000);
    expect(await clicksEver(world)).toBe(2);
  });

  test('make the fill that they were lost under begin anew, until it is whole', async () => {
    const world = await opened(ground);
    await lose();
    let losses = 1;
    const { compareAndSet } = ground.online;
    const losing: Ground = {
      ...ground,
      online: {
        ...ground.online,
        compareAndSet: async (writes) => {
          const results = await compareAndSet(writes);
          if (losses++ === 0) await lose();
          return results;
        },
      },
    };
    await world.close();
    const second = await openWorld(losing, world.registry);
    world.close = second.close;
    await second.ingest.start();
    expect(await second.materializer.ensureReady(second.registry)).toMatchObject([{ state: 'SUCCEEDED' }]);
    await lose();
    losses = 0;
    const watch = watchMarkers({
      views: () => second.registry.views.get('user_clicks')!,
      states: second.states,
      systemClock: ground.clock,
      refill: async () => (await second.materializer.ensureReady(second.registry)).length > 0,
      onError: (error) => second.errors.push(error),
    });
    await ground.clock.advance(2_000);
    const job = async () => (await second.materializer.list(1))[0]!;
    const why = 'is tried again: .*lost what it was being filled with';
    await expect.poll(job).toMatchObject({ state: 'RUNNING', waitsFor: expect.stringMatching(why) });
    expect(await second.values('user_clicks', ['a'])).toMatchObject({ status: 'NOT_READY' });
    const later = async () => {
      await ground.clock.advance(1_000);
      return await job();
    };
    await expect.poll(later).toMatchObject({ state: 'SUCCEEDED', waitsFor: null });
    expect(second.errors).toEqual([]);
    await watch[Symbol.asyncDispose]();
    await ground.clock.advance(2_000);
    expect(await clicksEver(second)).toBe(2);
  });
});
