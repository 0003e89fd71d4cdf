import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SourceRecord } from '../../core/definitions/compiled.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import { click, clicksDefinitions, registryOf, start } from './clicks.ts';
import { createGround, type Ground, openWorld, type World } from './world.ts';

let ground: Ground;
let world: World;

beforeEach(async () => {
  ground = await createGround(start);
  world = await openWorld(ground, registryOf(clicksDefinitions));
});
afterEach(async () => {
  await world.close();
  await ground.remove();
});

/** Lets the offline store refuse batches. */
function refuse(refusal: (records: readonly SourceRecord[]) => Error | null): void {
  const { append } = world.offline;
  Object.assign(world.offline, {
    append: (...args: Parameters<typeof append>) => {
      const error = refusal(args[1]);
      return error === null ? append(...args) : Promise.reject(error);
    },
  });
}

/** Lets time pass until it holds. */
async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) {
    await new Promise((resolve) => setImmediate(resolve));
    await ground.clock.advance(1_000);
  }
}

const applied = (): boolean => (world.ingest.nextOffsets('clicks').get(0) ?? 0) === 3;

const offsets = (records: readonly SourceRecord[]): number[] => records.map(({ offset }) => offset);

test('a record that no store takes becomes a dead letter, and its partition goes on', async () => {
  refuse((records) => (offsets(records).includes(1) ? new TypeError('no such thing') : null));
  await world.push(
    'clicks',
    [1, 2, 3].map((id) => click(id, 'a', start)),
  );
  await world.ingest.start();
  await until(applied);
  const letters = await world.deadLetters.list('clicks', 10);
  expect(letters.map(({ offset, code, reason }) => [offset, code, reason])).toEqual([
    [1, 'INTERNAL', 'could not be applied: TypeError: no such thing'],
  ]);
  await world.materializer.ensureReady(world.registry);
  await ground.clock.advance(2_000);
  expect(await world.values('user_clicks', ['a'])).toMatchObject({ clicks_ever: 2 });
});

test('a store that takes nothing makes no dead letters, however long', async () => {
  let isFull = true;
  refuse(() => (isFull ? new Error('the disk is full') : null));
  await world.push(
    'clicks',
    [1, 2, 3].map((id) => click(id, 'a', start)),
  );
  await world.ingest.start();
  expect(world.ingest.troubles()).toEqual([]);
  await until(() => world.errors.length > 6);
  expect(world.ingest.troubles()).toEqual([
    expect.stringMatching(/^ingest applies nothing of clicks\/0 since 20[-0-9]{8}T.*: the disk is full$/),
  ]);
  isFull = false;
  await until(applied);
  expect(world.ingest.troubles()).toEqual([]);
  expect(await world.deadLetters.counts()).toEqual(new Map());
});

test('a store that does not answer is asked again, and no record is blamed', async () => {
  let isAway = true;
  refuse((records) => (isAway && offsets(records).includes(1) ? new AsofError('UNAVAILABLE', 'away') : null));
  await world.push(
    'clicks',
    [1, 2, 3].map((id) => click(id, 'a', start)),
  );
  await world.ingest.start();
  await until(() => world.errors.length > 6);
  isAway = false;
  await until(applied);
  expect(await world.deadLetters.counts()).toEqual(new Map());
});
