import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FreshnessMonitor } from '../../core/ports/freshness.ts';
import { publishedProgress, publishProgress } from '../../pipelines/ingest/progress.ts';
import { onlineVersions, topicRoutes } from '../../pipelines/ingest/routes.ts';
import { createFreshnessMonitor, type RunningFreshnessMonitor } from '../../pipelines/monitor/freshness-monitor.ts';
import { followReports, publishReports } from '../../pipelines/monitor/published-reports.ts';
import { watchReadyViews } from '../../pipelines/monitor/ready-views.ts';
import { click, clicksDefinitions, registryOf, start } from './clicks.ts';
import { createGround, type Ground, openWorld, type World } from './world.ts';

/** Ingest, monitor and reader as three processes have them: all that they share is the online store, log and registry. */
let ground: Ground;
let world: World;
let monitor: RunningFreshnessMonitor;
let reader: FreshnessMonitor;
const closing: AsyncDisposable[] = [];
const errors: unknown[] = [];

beforeEach(async () => {
  errors.length = 0;
  ground = await createGround(start);
  world = await openWorld(ground, registryOf(clicksDefinitions));
  await world.ingest.start();
  await world.materializer.ensureReady(world.registry);
  startPublishing();
  monitor = startMonitor();
  const follower = followReports({ store: ground.online, systemClock: ground.clock });
  closing.push(follower);
  reader = follower;
  await seconds(3);
});
afterEach(async () => {
  for (const one of closing.splice(0).reverse()) await one[Symbol.asyncDispose]();
  await world.close();
  await ground.remove();
  expect(errors).toEqual([]);
});

const onError = (error: unknown) => void errors.push(error);

function startPublishing(): AsyncDisposable {
  const topics = () => topicRoutes(world.registry).keys();
  const { online: store, clock: systemClock } = ground;
  const publishing = publishProgress({
    ...{ ingest: world.ingest, topics, store, systemClock, onError },
  });
  closing.push(publishing);
  return publishing;
}

function startMonitor(): RunningFreshnessMonitor {
  const { online: store, clock, documents, bus } = ground;
  const ready = watchReadyViews({ views: () => onlineVersions(world.registry), store, systemClock: clock });
  const started = createFreshnessMonitor({
    ...{ log: world.log, documents, bus, clock, systemClock: clock, onError },
    registry: () => world.registry,
    progress: publishedProgress({ store, log: world.log }),
    isLive: ready.isReady,
    onChecked: (reports) => publishReports(store, reports),
    settings: { forMillis: 10_000, keepFiringForMillis: 30_000 },
  });
  closing.push(ready, started);
  return started;
}

/** Each second all of them have their turn. */
async function seconds(count: number): Promise<void> {
  for (let second = 0; second < count; second++) {
    await ground.clock.advance(1_000);
    // Ingest publishes, the monitor checks, the reader looks: one after the other, whatever they wait for.
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    await monitor.check();
  }
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('a monitor apart from ingest', () => {
  test('knows what was applied long before it is committed, and so does who reads its reports', async () => {
    await world.push('clicks', [click(1, 'a', start), click(2, 'b', start)]);
    await world.applied('clicks');
    expect(await committed()).toBe(0);
    await seconds(3);
    const report = reader.report('user_clicks');
    expect(report).toMatchObject({ backlog: 0, ageMillis: 0, stale: false, state: 'OK', slaMillis: 300_000 });
    expect(report!.pipelineLatencyMillis).not.toBeNull();
    expect(report).toEqual({ ...monitor.report('user_clicks'), checkedAt: report!.checkedAt });
    await world.monitor.check();
    expect(report).toEqual({ ...world.monitor.report('user_clicks'), checkedAt: report!.checkedAt });
  });

  test('alerts while ingest stands still, and resolves', async () => {
    await world.ingest.pause();
    await world.push('clicks', [click(1, 'a', start)]);
    await seconds(320);
    expect(reader.report('user_clicks')).toMatchObject({ backlog: 1, stale: true, state: 'FIRING' });
    world.ingest.resume();
    await world.applied('clicks');
    await seconds(40);
    expect(reader.report('user_clicks')).toMatchObject({ backlog: 0, stale: false, state: 'OK' });
    expect(await ground.documents.listDocuments('incidents', 10)).toMatchObject([{ state: 'RESOLVED' }]);
  });

  test('goes by what was committed where the online store lost what was published', async () => {
    await world.push('clicks', [click(1, 'a', start), click(2, 'b', start)]);
    await world.applied('clicks');
    await seconds(2);
    await world.ingest.flush();
    await closing.shift()![Symbol.asyncDispose]();
    const lost: string[] = [];
    for await (const key of ground.online.scan('progress:')) lost.push(key);
    expect(lost).not.toEqual([]);
    await ground.online.delete(lost);
    await seconds(3);
    expect(reader.report('user_clicks')).toMatchObject({ backlog: 0 });
    expect(await committed()).toBe(2);
  });

  test('leaves readers without a report once it has been silent for half a minute', async () => {
    await seconds(3);
    expect(reader.report('user_clicks')).not.toBeNull();
    for (let second = 0; second < 33; second++) await ground.clock.advance(1_000);
    expect(reader.report('user_clicks')).toBeNull();
    await seconds(3);
    expect(reader.report('user_clicks')).not.toBeNull();
  });

  test('fires for no view whose history is not whole', async () => {
    await ground.online.delete([...(await markers())]);
    await world.ingest.pause();
    await world.push('clicks', [click(1, 'a', start)]);
    await seconds(330);
    expect(reader.report('user_clicks')).toMatchObject({ stale: true, state: 'OK' });
    world.ingest.resume();
  });
});

async function committed(): Promise<number> {
  return [...(await world.log.committed('ingest', 'clicks')).values()].reduce((sum, { offset }) => sum + offset, 0);
}

async function markers(): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of ground.online.scan('ready:user_clicks')) if (!key.includes('filling')) keys.push(key);
  return keys;
}
