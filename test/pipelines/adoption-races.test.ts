import { expect, test } from 'vitest';
import { beginFill, unreadyShards } from '../../core/online/ready.ts';
import { ended, expectWhole, filling, halting, registry, view } from './group-fills.ts';
import { createGroupWorld } from './group-world.ts';

const idle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a filler that wakes up when another has filled anew marks nothing, clears nothing and publishes nothing', async () => {
  for (const moment of ['compareAndSet', 'getMany', 'put', 'delete'] as const) {
    const world = createGroupWorld(registry);
    const member = world.member();
    await world.push(60);
    await ended(world, filling(world.filler()));
    await world.store.lose('left');
    const slow = halting(world.store);
    const zombie = world.filler(slow.store);
    await zombie.states.load([view]);
    const reached = slow.halt(moment);
    filling(zombie);
    const goOn = await reached;
    await ended(world, filling(world.filler()));
    await world.push(30);
    goOn();
    for (let turn = 0; turn < 50; turn++) await idle();
    await world.until(() => world.isIngested([member]));
    // It may have begun a fill of its own, over the other's: then its view is whole only when that is.
    const { served, expected } = await world.readings(view);
    for (const [index, one] of served.entries()) {
      if ((one as { status: string }).status !== 'NOT_READY') expect(one, moment).toEqual(expected[index]);
    }
    zombie.process.kill();
    await ended(world, filling(world.filler()));
    await expectWhole(world, [member]);
  }
});

test('who has gone on with a view brings up partitions whose owner before had not', async () => {
  const world = createGroupWorld(registry);
  const { adoptions } = world.documents;
  let isDeaf = false;
  const deaf = { ...adoptions, list: async () => (isDeaf ? [] : await adoptions.list()) };
  const first = world.member({ adoptions: deaf });
  const second = world.member();
  await world.until(() => [first, second].every(({ ingest }) => ingest.assigned('clicks').length > 0));
  await world.push(60);
  await world.until(() => world.isIngested([first, second]));
  isDeaf = true;
  const fill = filling(world.filler());
  await world.until(async () => (await adoptions.list()).length === 1);
  await world.push(60);
  await world.until(() => world.isIngested([first, second]));
  await first.ingest.flush();
  expect(fill.isDone).toBe(false);
  first.process.kill();
  first.log.expel();
  await ended(world, fill);
  await expectWhole(world, [second]);
});

test('who has a partition again goes on from where it was committed, not from where it had been itself', async () => {
  const world = createGroupWorld(registry);
  const first = world.member({ flushRecords: 1_000 });
  await world.push(60);
  await world.until(() => world.isIngested([first]));
  first.process.freeze();
  first.log.expel();
  const fill = filling(world.filler());
  await world.until(async () => (await world.documents.adoptions.list()).length === 1);
  // Goes on with the view at offset 0, says so, and dies.
  const second = world.member();
  const { commit } = second.log;
  Object.assign(second.log, {
    commit: async (...committing: Parameters<typeof commit>) => {
      await commit(...committing);
      second.process.kill();
      second.log.expel();
    },
  });
  await ended(world, fill);
  first.process.thaw();
  await world.push(10);
  await world.until(() => first.ingest.assigned('clicks').length === 3);
  await expectWhole(world, [first]);
});

test('a fill that another one takes over from while it waits is not taken for adopted', async () => {
  const world = createGroupWorld(registry);
  const member = world.member();
  await world.push(60);
  await world.until(() => world.isIngested([member]));
  member.process.freeze();
  const fill = filling(world.filler());
  const { adoptions } = world.documents;
  await world.until(async () => (await adoptions.list()).length === 1);
  // By a filler that does not know that it leads no more, and that put its token into the store long before.
  const late = { view: view.name, version: view.version, token: 'late' };
  await adoptions.begin(late);
  await adoptions.publish(late, new Map());
  member.process.thaw();
  await ended(world, fill);
  await world.push(30);
  await expectWhole(world, [member]);
});

test('a view whose stream goes on with another fill than the store has is filled anew', async () => {
  const world = createGroupWorld(registry);
  const member = world.member();
  await world.push(60);
  const filler = world.filler();
  await ended(world, filling(filler));
  await world.documents.adoptions.begin({ view: view.name, version: view.version, token: 'late' });
  expect(await world.isReady(view)).toBe(false);
  expect(await filler.states.recheck([view])).toEqual([view]);
  await ended(world, filling(filler));
  await world.push(30);
  await expectWhole(world, [member]);
});

test('a shard that became another fill’s at the last moment gets no marker', async () => {
  const world = createGroupWorld(registry);
  const slow = halting(world.store);
  const { states } = world.filler(slow.store);
  await states.load([view]);
  const token = await states.begin(view);
  const reached = slow.halt('compareAndSet');
  const finishing = states.finish(view, token, new Map());
  const goOn = await reached;
  await beginFill(world.store, view, 'newer');
  goOn();
  await finishing;
  expect((await unreadyShards(world.store, [view]))[0]).toEqual(world.store.shards);
  expect(await world.isReady(view)).toBe(false);
});

test('a newer fill ends an older one: only one of them is published, and nothing is marked in between', async () => {
  const world = createGroupWorld(registry);
  const member = world.member();
  await world.push(60);
  await world.until(() => world.isIngested([member]));
  const filler = world.filler();
  await filler.states.load([view]);
  const token = await filler.states.begin(view);
  await beginFill(world.store, view, 'newer');
  await world.documents.adoptions.begin({ view: view.name, version: view.version, token: 'newer' });
  const fill = { view: view.name, version: view.version, token };
  await expect(world.documents.adoptions.publish(fill, new Map())).rejects.toMatchObject({ code: 'CONFLICT' });
  await expect(filler.states.finish(view, token, new Map())).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect((await unreadyShards(world.store, [view]))[0]).toEqual(world.store.shards);
});
