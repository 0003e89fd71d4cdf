import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LiveMessage } from '../../core/ports/live-bus.ts';
import { click, clicksDefinitions, registryOf, start } from './clicks.ts';
import { createGround, type Ground, openWorld, type World } from './world.ts';

let ground: Ground;
let world: World;

beforeEach(async () => {
  ground = await createGround(start);
  world = await openWorld(ground, registryOf(clicksDefinitions));
  await world.ingest.start();
  await world.materializer.ensureReady(world.registry);
});
afterEach(async () => {
  await world.close();
  await ground.remove();
});

test('tells which keys changed when what had changed them was stored, and nobody told', async () => {
  const told: LiveMessage[] = [];
  await ground.bus.subscribe(['featureUpdate'], { onEvent: ({ message }) => void told.push(message), onGap() {} });
  const failing = vi.spyOn(ground.bus, 'publish').mockRejectedValueOnce(new Error('the bus is away'));
  await world.push('clicks', [click(1, 'a', start), click(2, 'b', start)]);
  await expect.poll(() => failing.mock.calls.length).toBe(1);
  await ground.clock.advance(2_000);
  await world.applied('clicks');
  await ground.clock.advance(2_000);
  expect(told).toMatchObject([{ kind: 'featureUpdate', view: 'user_clicks', keys: [['a'], ['b']] }]);
  expect(await world.values('user_clicks', ['a'])).toMatchObject({ clicks_ever: 1 });
  failing.mockRestore();
});
