import { expect, test } from 'vitest';
import { clicksDefinitions, clicksView, registryOf } from './clicks.ts';
import { ended, expectWhole, filling, registry, view } from './group-fills.ts';
import { createGroupWorld } from './group-world.ts';

test('several members go on with a view that is filled while they ingest', async () => {
  const world = createGroupWorld(registry);
  const members = [world.member(), world.member()];
  await world.push(100);
  await world.until(() => world.isIngested(members));
  const fill = filling(world.filler());
  await world.push(50);
  await ended(world, fill);
  await world.push(50);
  await expectWhole(world, members);
  expect(world.errors).toEqual([]);
});

test('a fill without an ingest process waits for one, and says so', async () => {
  const world = createGroupWorld(registry);
  await world.push(10);
  const filler = world.filler();
  const fill = filling(filler);
  await world.until(async () => {
    const [job] = await world.documents.listDocuments('materializations', 1);
    return String((job as { waitsFor?: string } | undefined)?.waitsFor).includes('waits until an ingest process');
  });
  expect(fill.isDone).toBe(false);
  expect(await filler.materializer.list(1)).toMatchObject([
    { state: 'RUNNING', waitsFor: expect.stringContaining('topic clicks, partition 0, 1, 2') },
  ]);
  const members = [world.member()];
  await ended(world, fill);
  expect(await filler.materializer.list(1)).toMatchObject([{ state: 'SUCCEEDED', waitsFor: null }]);
  await expectWhole(world, members);
});

test('a partition that changes hands between publication and adoption is brought up by its new owner', async () => {
  const world = createGroupWorld(registry);
  const first = world.member();
  await world.push(60);
  await world.until(() => world.isIngested([first]));
  first.process.freeze();
  const fill = filling(world.filler());
  await world.until(async () => (await world.documents.adoptions.list()).length === 1);
  await world.push(30);
  first.log.expel();
  const second = world.member();
  await ended(world, fill);
  // Wakes up with partitions that are another's, and batches that the other has applied.
  first.process.thaw();
  await world.push(30);
  await world.until(() => first.ingest.assigned('clicks').length > 0);
  await expectWhole(world, [first, second]);
});

test('who dies after it went on with a view, and before it said so, leaves no gap', async () => {
  const world = createGroupWorld(registry);
  const first = world.member({ flushRecords: 1_000 });
  await world.push(60);
  await world.until(() => world.isIngested([first]));
  const filler = world.filler();
  const { commit } = first.log;
  let commits = 0;
  Object.assign(first.log, { commit: async () => void commits++ });
  const fill = filling(filler);
  await world.until(() => commits > 0);
  await world.push(30);
  await world.until(() => world.isIngested([first]));
  expect(commit).toBeTypeOf('function');
  expect(fill.isDone).toBe(false);
  first.process.kill();
  first.log.expel();
  const second = world.member();
  await ended(world, fill);
  await expectWhole(world, [second]);
});

test('what comes while the store is empty is not taken for the whole by the next fill', async () => {
  const world = createGroupWorld(registry);
  const members = [world.member(), world.member()];
  await world.push(60);
  await ended(world, filling(world.filler()));
  await world.until(() => world.isIngested(members));
  for (const shard of world.store.shards) await world.store.lose(shard);
  await world.push(60);
  await world.until(() => world.isIngested(members));
  const states: string[] = [];
  for await (const key of world.store.scan('f:')) states.push(key);
  expect(states).toEqual([]);
  await ended(world, filling(world.filler()));
  await world.push(10);
  await expectWhole(world, members);
});

test('of a store that lost one shard the other stays up to date, through a change of owners too', async () => {
  const world = createGroupWorld(registry);
  const first = world.member();
  await world.push(60);
  await ended(world, filling(world.filler()));
  await world.store.lose('left');
  await world.push(30);
  await world.until(() => world.isIngested([first]));
  await world.clock.advance(2_000);
  const { served, expected } = await world.readings(view);
  const isServed = served.map((one) => (one as { status: string }).status !== 'NOT_READY');
  expect(new Set(isServed)).toEqual(new Set([true, false]));
  expect(served.filter((_, index) => isServed[index])).toEqual(expected.filter((_, index) => isServed[index]));
  const second = world.member();
  await world.until(() => second.ingest.assigned('clicks').length > 0);
  await world.push(30);
  await ended(world, filling(world.filler()));
  await expectWhole(world, [first, second]);
});

test('a member that has not heard of a view yet does not pass over it', async () => {
  const wide = registryOf(clicksDefinitions, { ...clicksDefinitions, views: [clicksView({ grain: '1m' })] });
  const [, newer] = wide.views.get('user_clicks')!;
  const world = createGroupWorld(registry);
  const members = [world.member()];
  await world.push(30);
  await ended(world, filling(world.filler()));
  const filler = world.filler();
  const one = { isDone: false };
  void filler.materializer.ensureReady(wide).then(() => {
    one.isDone = true;
  });
  await world.until(async () => (await world.documents.adoptions.list()).length === 2);
  await world.push(30);
  for (let round = 0; round < 30; round++) await world.until(() => true);
  expect(one.isDone).toBe(false);
  world.registry = wide;
  for (const { ingest } of members) await ingest.registryChanged();
  await world.until(() => one.isDone);
  await world.until(() => world.isIngested(members));
  await world.clock.advance(60_000);
  const { served, expected } = await world.readings(newer!);
  expect(served).toEqual(expected);
});
