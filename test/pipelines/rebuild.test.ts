import { afterEach, beforeEach, expect, test } from 'vitest';
import { keyPrefixes } from '../../core/online/keys.ts';
import type { MaterializationJob } from '../../core/ports/materializer.ts';
import { click, clicksDefinitions, registryOf, start } from './clicks.ts';
import { createGround, type Ground, openWorld, type World } from './world.ts';

const registry = registryOf(clicksDefinitions);
const view = registry.views.get('user_clicks')!.at(-1)!;

let ground: Ground;
let world: World | null = null;

beforeEach(async () => {
  ground = await createGround(start);
});
afterEach(async () => {
  await world?.close();
  await ground.remove();
});

async function opened(on: Ground): Promise<World> {
  world = await openWorld(on, registry);
  await world.ingest.start();
  expect((await world.materializer.ensureReady(registry)).map(({ state }) => state)).not.toContain('FAILED');
  return world;
}

async function withClicks(): Promise<World> {
  const opening = await opened(ground);
  await opening.push('clicks', [click(1, 'a', start), click(2, 'a', start), click(3, 'b', start)]);
  await opening.applied('clicks');
  await ground.clock.advance(2_000);
  return opening;
}

async function rebuilt({ materializer }: World, discard: boolean): Promise<MaterializationJob> {
  const { id, kind } = await materializer.rebuild(null, { discard });
  expect(kind).toBe('REBUILD');
  await expect.poll(async () => (await materializer.get(id))?.finishedAt).toBeTruthy();
  return (await materializer.get(id))!;
}

/** Takes from the store what it holds of one key, as eviction does: the markers stay. */
async function evict(user: string): Promise<void> {
  for await (const key of ground.online.scan(keyPrefixes(view)[0])) {
    if (key.includes(`|${user}:`)) await ground.online.delete([key]);
  }
}
const clicksEver = async ({ values }: World, user: string) => (await values('user_clicks', [user])).clicks_ever;

test('fills what was lost, and nothing where nothing was', async () => {
  const whole = await withClicks();
  expect(await rebuilt(whole, false)).toMatchObject({ state: 'SUCCEEDED', recordsDone: 0, keysWritten: 0 });
  for await (const key of ground.online.scan('')) await ground.online.delete([key]);
  expect(await whole.values('user_clicks', ['a'])).toMatchObject({ status: 'NOT_READY' });
  await whole.push('clicks', [click(4, 'a', start)]);
  await whole.applied('clicks');
  expect(await rebuilt(whole, false)).toMatchObject({ state: 'SUCCEEDED', views: ['user_clicks'] });
  await ground.clock.advance(2_000);
  expect([await clicksEver(whole, 'a'), await clicksEver(whole, 'b')]).toEqual([3, 1]);
});

test('with discard fills what markers vouch for and is not there', async () => {
  const whole = await withClicks();
  await evict('a');
  expect(await clicksEver(whole, 'a')).not.toBe(2);
  expect(await rebuilt(whole, false)).toMatchObject({ recordsDone: 0 });
  expect(await rebuilt(whole, true)).toMatchObject({ state: 'SUCCEEDED', recordsDone: 3 });
  await ground.clock.advance(2_000);
  expect([await clicksEver(whole, 'a'), await clicksEver(whole, 'b')]).toEqual([2, 1]);
});

test('goes on when the process starts again, and serves nothing in between', async () => {
  await (await withClicks()).close();
  await evict('a');
  let isBroken = false;
  const breaking: Ground = {
    ...ground,
    online: {
      ...ground.online,
      scan: (prefix) => {
        if (isBroken) throw new Error('the process ends here');
        return ground.online.scan(prefix);
      },
    },
  };
  const ending = await opened(breaking);
  isBroken = true;
  expect(await rebuilt(ending, true)).toMatchObject({ state: 'FAILED', error: 'the process ends here' });
  expect(await ending.values('user_clicks', ['b'])).toMatchObject({ status: 'NOT_READY' });
  await ending.close();
  const next = await opened(ground);
  await ground.clock.advance(2_000);
  expect([await clicksEver(next, 'a'), await clicksEver(next, 'b')]).toEqual([2, 1]);
});

test('is not forgotten when the process ends before its turn, nor done twice', async () => {
  const ending = await withClicks();
  await evict('a');
  await ending.materializer.rebuild(null, { discard: true });
  await ending.close();
  const next = await opened(ground);
  await ground.clock.advance(2_000);
  expect([await clicksEver(next, 'a'), await clicksEver(next, 'b')]).toEqual([2, 1]);
  const rebuilds = (await next.materializer.list(5)).filter(({ kind }) => kind === 'REBUILD');
  expect(rebuilds.map(({ state }) => state)).toEqual(['SUCCEEDED']);
  await next.close();
  await evict('a');
  // The markers stand, and the rebuild is over: what is gone now is another matter.
  const last = await opened(ground);
  expect(await clicksEver(last, 'a')).not.toBe(2);
});

test('refuses a view that nobody defined', async () => {
  const { materializer } = await opened(ground);
  const refused = materializer.rebuild(['user_click'], { discard: true });
  await expect(refused).rejects.toThrowError(/no feature view "user_click".*Did you mean "user_clicks"/);
});
