import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Definitions } from '../../core/definitions/model.ts';
import { unreadyShards } from '../../core/online/ready.ts';
import type { MaterializationJob } from '../../core/ports/materializer.ts';
import { normalizeRecord } from '../../core/records/normalize.ts';
import { click, clicksDefinitions, clicksView, clicksWithHistory, registryOf, start } from './clicks.ts';
import { createGround, type Ground, openWorld, type World } from './world.ts';

let ground: Ground;
const open: World[] = [];

beforeEach(async () => {
  ground = await createGround(start);
  await mkdir(join(ground.folder, 'history'));
});
afterEach(async () => {
  for (const world of open.splice(0)) await world.close();
  await ground.remove();
});

const day = 86_400_000;

function history(file: string, lines: readonly unknown[]): Promise<void> {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  return writeFile(join(ground.folder, 'history', `${file}.ndjson`), text);
}

async function opened(...revisions: readonly Definitions[]): Promise<World> {
  const world = await openWorld(ground, registryOf(...revisions));
  open.push(world);
  await world.ingest.start();
  return world;
}

async function crash(world: World): Promise<void> {
  open.splice(open.indexOf(world), 1);
  await world.ingest.pause();
  await world.log[Symbol.asyncDispose]();
  await world.offline[Symbol.asyncDispose]();
}

async function finished(world: World, job: MaterializationJob): Promise<MaterializationJob> {
  for (;;) {
    const now = (await world.materializer.get(job.id))!;
    if (now.finishedAt !== null) return now;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('materialize', () => {
  test('a view is NOT_READY until its history is there, then whole', async () => {
    await history('may', [click(1, 'a', start - day, 5), { clickId: 2, userId: 'a' }, click(3, 'a', start - 2 * day)]);
    const world = await opened(clicksWithHistory);
    expect(await world.values('user_clicks', ['a'])).toMatchObject({ status: 'NOT_READY' });
    const [job] = await world.materializer.ensureReady(world.registry);
    expect(job).toMatchObject({ state: 'SUCCEEDED', kind: 'BACKFILL', views: ['user_clicks'], keysWritten: 1 });
    await ground.clock.advance(2_000);
    expect(await world.values('user_clicks', ['a'])).toMatchObject({ clicks_ever: 2, amount_ever: 6 });
    expect(await world.deadLetters.counts()).toEqual(new Map([['clicks', 1]]));
    expect(await world.materializer.ensureReady(world.registry)).toEqual([]);
  });

  test('history and stream meet without a gap and without a repeat', async () => {
    await history('may', [click(1, 'a', start - day), click(2, 'b', start - day)]);
    const world = await opened(clicksWithHistory);
    await world.push('clicks', [click(3, 'a', start)]);
    const filling = world.materializer.ensureReady(world.registry);
    let pushed = 3;
    let done = false;
    filling.then(() => {
      done = true;
    });
    while (!done) {
      await world.push('clicks', [click(++pushed, 'a', start)]);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await world.push('clicks', [click(++pushed, 'a', start)]);
    await world.applied('clicks');
    await ground.clock.advance(2_000);
    expect(pushed).toBeGreaterThan(5);
    // All but click 2, which is b's.
    expect(await world.values('user_clicks', ['a'])).toMatchObject({ clicks_ever: pushed - 1 });
    expect(await world.values('user_clicks', ['b'])).toMatchObject({ clicks_ever: 1 });
  });

  test('a new version is filled from files and stream beside the old one', async () => {
    await history('may', [click(1, 'a', start - day)]);
    const world = await opened(clicksWithHistory);
    await world.materializer.ensureReady(world.registry);
    await world.push('clicks', [click(2, 'a', start)]);
    await world.applied('clicks');
    world.registry = registryOf(clicksWithHistory, { ...clicksWithHistory, views: [clicksView({ grain: '1m' })] });
    expect(await world.values('user_clicks', ['a'], 2)).toMatchObject({ status: 'NOT_READY' });
    await world.materializer.ensureReady(world.registry);
    await world.push('clicks', [click(3, 'a', start)]);
    await world.applied('clicks');
    await ground.clock.advance(60_000);
    expect(await world.values('user_clicks', ['a'], 1)).toMatchObject({ clicks_ever: 3 });
    expect(await world.values('user_clicks', ['a'], 2)).toMatchObject({ clicks_ever: 3 });
  });

  test('a field that a source is given later has its values from all of history', async () => {
    await history('may', [click(1, 'a', start - day, 5)]);
    const [source] = clicksWithHistory.sources;
    const fields = source!.fields.filter(({ name }) => name !== 'amount');
    const features = clicksView({}).features.slice(0, 2);
    const narrow = { ...clicksWithHistory, sources: [{ ...source!, fields }], views: [clicksView({ features })] };
    const world = await opened(narrow);
    await world.materializer.ensureReady(world.registry);
    await world.push('clicks', [click(2, 'a', start, 7)]);
    await world.applied('clicks');
    world.registry = registryOf(narrow, clicksWithHistory);
    const wide = world.registry.sources.get('clicks')!;
    expect(await world.materializer.hasHistory(wide)).toBe(false);
    await world.push('clicks', [click(3, 'a', start, 1)]);
    await world.applied('clicks');
    await world.ingest.registryChanged();
    await world.materializer.ensureReady(world.registry);
    await ground.clock.advance(2_000);
    expect(await world.values('user_clicks', ['a'], 1)).toMatchObject({ clicks_ever: 3 });
    expect(await world.values('user_clicks', ['a'], 2)).toMatchObject({ clicks_ever: 3, amount_ever: 13 });
    const held = [];
    for await (const { records } of world.offline.scanByKey(world.registry.views.get('user_clicks')!.at(-1)!)) {
      held.push(...records.map(({ values }) => values[1]));
    }
    expect(held.toSorted()).toEqual([1, 5, 7]);
    expect(await world.materializer.hasHistory(wide)).toBe(true);
    // Each shape is imported once, whichever views read it.
    expect(await world.materializer.ensureReady(world.registry)).toEqual([]);
  });

  test('materialize reads new files and the new rows of old ones, and every version gets them', async () => {
    await history('may', [click(1, 'a', start - day)]);
    const world = await opened(clicksWithHistory, { ...clicksWithHistory, views: [clicksView({ grain: '1m' })] });
    await world.materializer.ensureReady(world.registry);
    await history('may', [click(1, 'a', start - day), click(2, 'a', start - day)]);
    await history('june', [click(3, 'a', start - day), click(2, 'a', start - day)]);
    const job = await finished(world, await world.materializer.materialize(['user_clicks']));
    expect(job).toMatchObject({ state: 'SUCCEEDED', kind: 'MATERIALIZE' });
    await ground.clock.advance(60_000);
    expect(await world.values('user_clicks', ['a'], 1)).toMatchObject({ clicks_ever: 3 });
    expect(await world.values('user_clicks', ['a'], 2)).toMatchObject({ clicks_ever: 3 });
    expect((await world.materializer.list(10)).map(({ id }) => id)).toContain(job.id);
  });

  test('a process that dies between import and fill is made up for by the next', async () => {
    await history('may', [click(1, 'a', start - day)]);
    const first = await opened(clicksWithHistory);
    await first.materializer.ensureReady(first.registry);
    await history('june', [click(2, 'a', start - day)]);
    const source = first.registry.sources.get('clicks')!;
    // The import's half of a materialization, and no more.
    for await (const rows of first.offline.readBatch(source, ground.folder)) {
      const records = rows.flatMap((raw) => {
        const outcome = normalizeRecord(source, raw.row, raw, null);
        return 'record' in outcome ? [outcome.record] : [];
      });
      await first.offline.append(source, records);
    }
    await first.offline.flush(source);
    await crash(first);

    const second = await opened(clicksWithHistory);
    await second.materializer.ensureReady(second.registry);
    await ground.clock.advance(2_000);
    expect(await second.values('user_clicks', ['a'])).toMatchObject({ clicks_ever: 2 });
  });

  test('an online store that lost its data is filled again from nothing', async () => {
    await history('may', [click(1, 'a', start - day), click(2, 'b', start - day)]);
    const first = await opened(clicksWithHistory);
    await first.materializer.ensureReady(first.registry);
    await first.push('clicks', [click(3, 'a', start)]);
    await first.applied('clicks');
    const view = first.registry.views.get('user_clicks')![0]!;
    const keys: string[] = [];
    for await (const key of ground.online.scan('')) keys.push(key);
    await ground.online.delete(keys);
    // What is applied after the loss stands on nothing: it must not count as if it were the whole.
    await first.push('clicks', [click(4, 'a', start)]);
    await first.applied('clicks');
    expect(await first.values('user_clicks', ['a'])).toMatchObject({ status: 'NOT_READY' });
    await crash(first);

    const second = await opened(clicksWithHistory);
    expect(second.states.isReady(view)).toBe(false);
    await second.materializer.ensureReady(second.registry);
    await second.applied('clicks');
    await ground.clock.advance(2_000);
    expect(await second.values('user_clicks', ['a'])).toMatchObject({ clicks_ever: 3 });
    expect(await second.values('user_clicks', ['b'])).toMatchObject({ clicks_ever: 1 });
    expect(await unreadyShards(ground.online, [view])).toEqual([[]]);
  });

  test('a source that cannot be read leaves its views NOT_READY, says why, and others go on', async () => {
    const other = { ...clicksDefinitions.sources[0]!, name: 'other' };
    const world = await opened({
      ...clicksWithHistory,
      sources: [...clicksWithHistory.sources, other],
      views: [clicksView({}), clicksView({ name: 'other', source: 'other' })],
    });
    const jobs = await world.materializer.ensureReady(world.registry);
    expect(jobs.map(({ views, state }) => [views[0], state])).toEqual([
      ['user_clicks', 'FAILED'],
      ['other', 'SUCCEEDED'],
    ]);
    expect(jobs[0]!.error).toContain('no file matches');
    expect(await world.values('user_clicks', ['a'])).toMatchObject({ status: 'NOT_READY' });
    await history('may', [click(1, 'a', start - day)]);
    await world.materializer.ensureReady(world.registry);
    expect(await world.values('user_clicks', ['a'])).toMatchObject({ clicks_ever: 1 });
  });

  test('an unknown view is refused by name', async () => {
    const world = await opened(clicksDefinitions);
    await expect(world.materializer.backfill(['user_click'])).rejects.toMatchObject({
      code: 'UNKNOWN_NAME',
      message: expect.stringContaining('Did you mean "user_clicks"?'),
    });
  });

  test('a materialization that the end of a process interrupted is taken up by the next', async () => {
    await history('may', [click(1, 'a', start - day)]);
    const first = await opened(clicksWithHistory);
    await first.materializer.ensureReady(first.registry);
    await history('june', [click(2, 'a', start - day)]);
    const running = await first.materializer.materialize(['user_clicks']);
    await first.materializer[Symbol.asyncDispose]();
    await crash(first);
    expect(await ground.documents.getDocument('materializations', running.id)).not.toMatchObject({
      state: 'SUCCEEDED',
    });

    const second = await opened(clicksWithHistory);
    const jobs = await second.materializer.ensureReady(second.registry);
    expect(jobs).toMatchObject([{ kind: 'MATERIALIZE', state: 'SUCCEEDED' }]);
    expect(jobs[0]!.id).toBe(running.id);
    expect(await second.materializer.get(running.id)).toMatchObject({ state: 'SUCCEEDED' });
    await ground.clock.advance(2_000);
    expect(await second.values('user_clicks', ['a'])).toMatchObject({ clicks_ever: 2 });
  });

  test('filling again changes nothing', async () => {
    await history('may', [click(1, 'a', start - day)]);
    const world = await opened(clicksWithHistory);
    await world.materializer.ensureReady(world.registry);
    await world.push('clicks', [click(2, 'a', start)]);
    await world.applied('clicks');
    expect(await finished(world, await world.materializer.backfill(['user_clicks']))).toMatchObject({
      state: 'SUCCEEDED',
      keysWritten: 0,
    });
    await ground.clock.advance(2_000);
    expect(await world.values('user_clicks', ['a'])).toMatchObject({ clicks_ever: 2 });
  });
});
