import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FreshnessIncident } from '../../core/ports/freshness.ts';
import { click, clicksDefinitions, registryOf, start } from './clicks.ts';
import { createGround, type Ground, openWorld, type World } from './world.ts';

let ground: Ground;
let alerts: string[];
const open: World[] = [];
const minute = 60_000;

beforeEach(async () => {
  ground = await createGround(start);
  alerts = [];
  await ground.bus.subscribe(['freshnessAlert'], {
    onEvent({ message }) {
      if (message.kind === 'freshnessAlert') alerts.push(message.state);
    },
    onGap() {},
  });
});
afterEach(async () => {
  for (const world of open.splice(0)) await world.close();
  await ground.remove();
});

async function started(): Promise<World> {
  const monitor = { forMillis: 10_000, keepFiringForMillis: 30_000, intervalMillis: 1_000 };
  const world = await openWorld(ground, registryOf(clicksDefinitions), { monitor });
  open.push(world);
  await world.ingest.start();
  await world.materializer.ensureReady(world.registry);
  return world;
}

/** The SLA of the view is 5 minutes. */
async function pass(world: World, minutes: number): Promise<void> {
  for (let second = 0; second < minutes * 60; second += 5) {
    await ground.clock.advance(5_000);
    await world.monitor.check();
  }
}

async function incidents(): Promise<FreshnessIncident[]> {
  return (await ground.documents.listDocuments('incidents', 10)) as FreshnessIncident[];
}

describe('freshness', () => {
  test('a stopped ingest fires once while events arrive, and resolves once when it runs again', async () => {
    const world = await started();
    await world.push('clicks', [click(1, 'a', start)]);
    await world.applied('clicks');
    await pass(world, 1);
    expect(world.monitor.report('user_clicks')).toMatchObject({ ageMillis: 0, backlog: 0, stale: false, state: 'OK' });

    await world.ingest.pause();
    for (let id = 2; id < 12; id++) {
      await world.push('clicks', [click(id, 'a', start)]);
      await pass(world, 1);
    }
    expect(world.monitor.report('user_clicks')).toMatchObject({
      ageMillis: 10 * minute,
      backlog: 10,
      stale: true,
      state: 'FIRING',
      slaMillis: 5 * minute,
    });
    expect(alerts).toEqual(['FIRING']);
    expect(await incidents()).toMatchObject([{ view: 'user_clicks', state: 'FIRING', resolvedAt: null }]);

    world.ingest.resume();
    await world.applied('clicks');
    await world.monitor.check();
    expect(world.monitor.report('user_clicks')).toMatchObject({ backlog: 0, stale: false, state: 'RESOLVING' });
    expect(world.monitor.report('user_clicks')!.pipelineLatencyMillis).toBe(minute);
    await pass(world, 2);
    expect(alerts).toEqual(['FIRING', 'RESOLVED']);
    const [incident] = await incidents();
    expect(incident).toMatchObject({ state: 'RESOLVED', slaMillis: 5 * minute });
    expect(incident!.resolvedAt! - incident!.firedAt).toBeGreaterThan(4 * minute);
  });

  test('an idle source never fires', async () => {
    const world = await started();
    await world.push('clicks', [click(1, 'a', start)]);
    await world.applied('clicks');
    await pass(world, 60);
    expect(alerts).toEqual([]);
    expect(world.monitor.report('user_clicks')).toMatchObject({ ageMillis: 0, state: 'OK' });
  });

  test('an incident that is open at a restart goes on, without a second firing', async () => {
    const first = await started();
    await first.ingest.pause();
    await first.push('clicks', [click(1, 'a', start)]);
    await pass(first, 6);
    expect(alerts).toEqual(['FIRING']);
    open.pop();
    await first.close();

    const second = await openWorld(ground, registryOf(clicksDefinitions));
    open.push(second);
    await pass(second, 3);
    expect(second.monitor.report('user_clicks')).toMatchObject({ state: 'FIRING', backlog: 1 });
    expect(alerts).toEqual(['FIRING']);
    await second.ingest.start();
    await second.applied('clicks');
    await pass(second, 2);
    expect(alerts).toEqual(['FIRING', 'RESOLVED']);
    expect(await incidents()).toHaveLength(1);
  });

  test('the incident of a view that is no longer defined is resolved', async () => {
    const world = await started();
    await world.ingest.pause();
    await world.push('clicks', [click(1, 'a', start)]);
    await pass(world, 6);
    world.registry = registryOf(clicksDefinitions, { ...clicksDefinitions, views: [] });
    await world.monitor.check();
    expect(alerts).toEqual(['FIRING', 'RESOLVED']);
    expect(world.monitor.report('user_clicks')).toBeNull();
    world.ingest.resume();
  });

  test('checks by itself every interval until it is stopped', async () => {
    const world = await started();
    await world.monitor.start();
    await world.monitor.check();
    await ground.clock.advance(1_000);
    await world.monitor.check();
    expect(world.monitor.report('user_clicks')!.checkedAt).toBe(start + 1_000);
    await world.monitor.stop();
    expect(ground.clock.sleeping).toBe(1); // only ingest's flush
  });
});
