import { expect, it } from 'vitest';
import { createManualClock } from '../clock/manual-clock.ts';
import { watchRevision } from './revision-watch.ts';
import type { SqlClient } from './sql-client.ts';

const refuse = (): Promise<never> => Promise.reject(new Error('nothing but looks here'));
/** Notifies of nothing. */
const silent: SqlClient = {
  name: 'silent',
  query: refuse,
  execute: refuse,
  transaction: refuse,
  lock: refuse,
  listen: refuse,
  [Symbol.asyncDispose]: async () => {},
};

it('tells each watcher once that the server went away and once that it is back, and goes on', async () => {
  const clock = createManualClock({ at: 0 });
  let revision = 1;
  let away: Error | null = null;
  const read = async (): Promise<number> => {
    if (away !== null) throw away;
    return revision;
  };
  const watching = watchRevision(silent, { clock, everyMillis: 500 }, { channel: 'c', read });
  const heard: unknown[] = [];
  watching.add(
    (newer) => heard.push(newer),
    (lost) => heard.push(lost),
  );
  const pass = async (): Promise<void> => {
    for (let look = 0; look < 4; look++) {
      await new Promise((resolve) => setImmediate(resolve));
      await clock.advance(500);
    }
  };
  await pass();
  expect(heard).toEqual([1]);
  away = new Error('the server is away');
  await pass();
  expect(heard).toEqual([1, away]);
  const another: unknown[] = [];
  const stop = watching.add(
    () => {},
    (lost) => another.push(lost),
  );
  await pass();
  expect(another).toEqual([away]);
  stop();
  away = null;
  revision = 2;
  await pass();
  expect(heard).toEqual([1, new Error('the server is away'), 2, null]);
  expect(another).toHaveLength(1);
  await watching.stop();
});
