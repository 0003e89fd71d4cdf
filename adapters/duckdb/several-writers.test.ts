import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { OfflineStore } from '../../core/ports/offline-store.ts';
import { landingAt, landingsSource as source } from '../../test/doubles/landing-log.ts';
import { aggregateView } from '../../test/doubles/landing-views.ts';
import { runFile } from '../../test/processes/run-file.ts';
import { temporaryFolders } from '../../test/processes/temporary-folders.ts';
import { createDuckDbOfflineStore } from './offline-store.ts';

const newFolder = temporaryFolders('several-writers');
const view = aggregateView(source, [], []);

async function openStore(folder: string): Promise<OfflineStore> {
  const store = await createDuckDbOfflineStore({ folder, memoryLimit: '128MB', threads: 1 });
  onTestFinished(() => store[Symbol.asyncDispose]());
  return store;
}

async function twoStores(): Promise<[OfflineStore, OfflineStore]> {
  const folder = newFolder();
  return [await openStore(folder), await openStore(folder)];
}

const landings = (from: number, to: number, partition = 0) =>
  Array.from({ length: to - from }, (_, index) => landingAt(from + index, partition));

async function offsets(store: OfflineStore, partition = 0): Promise<number[]> {
  const found: number[] = [];
  for await (const { records } of store.scanByKey(view)) {
    found.push(...records.filter((record) => record.partition === partition).map(({ offset }) => offset));
  }
  return found;
}

const upTo = (end: number): number[] => [...Array(end).keys()];

describe('several processes that write one history', () => {
  it('see what the others have written, and each record once where they wrote the same', async () => {
    const [a, b] = await twoStores();
    await a.append(source, landings(0, 10));
    await b.append(source, landings(0, 15));
    expect([await offsets(a), await offsets(b)]).toEqual([upTo(10), upTo(15)]);
    expect(await a.flush(source)).toEqual(new Map([['log/0', 9]]));
    expect([await offsets(a), await offsets(b)]).toEqual([upTo(10), upTo(15)]);
    expect(await b.flush(source)).toEqual(new Map([['log/0', 14]]));
    expect([await offsets(a), await offsets(b)]).toEqual([upTo(15), upTo(15)]);
    expect(await a.durablePositions(source)).toEqual(new Map([['log/0', 14]]));
  });

  it('write at the same time, and lose nothing', async () => {
    const [a, b] = await twoStores();
    for (let end = 10; end <= 100; end += 10) {
      await Promise.all([a.append(source, landings(0, end)), b.append(source, landings(0, end + 5))]);
      await a.append(source, landings(0, end, 1));
      await Promise.all([a.flush(source), b.flush(source)]);
    }
    for (const store of [a, b]) {
      expect(await offsets(store)).toEqual(upTo(105));
      expect(await offsets(store, 1)).toEqual(upTo(100));
    }
  });

  it('cannot write anew what came while they slept: an old tail adds what is beyond it, or nothing', async () => {
    const [sleeper, other] = await twoStores();
    await sleeper.append(source, landings(0, 10));
    await other.append(source, landings(0, 30));
    await other.flush(source);
    await sleeper.append(source, landings(10, 20));
    expect(await sleeper.flush(source)).toEqual(new Map([['log/0', 29]]));
    await sleeper.append(source, landings(20, 40));
    expect(await offsets(sleeper)).toEqual(upTo(40));
    expect(await sleeper.flush(source)).toEqual(new Map([['log/0', 39]]));
    expect(await offsets(other)).toEqual(upTo(40));
  });

  it('merge the same small files at the same time without losing or repeating any', async () => {
    const [a, b] = await twoStores();
    for (let offset = 0; offset < 15; offset++) {
      await a.append(source, landings(offset, offset + 1));
      await a.flush(source);
    }
    // Both find sixteen files, merge them, and one of the two has its merge named.
    await a.append(source, landings(15, 16));
    await b.append(source, landings(0, 16, 1));
    await Promise.all([a.flush(source), b.flush(source)]);
    await b.append(source, landings(15, 18));
    await b.flush(source);
    for (const store of [a, b]) expect([await offsets(store), await offsets(store, 1)]).toEqual([upTo(18), upTo(16)]);
  });

  it('are read whole and once by others while they write', async () => {
    const [writer, reader] = await twoStores();
    let isDone = false;
    const write = async (): Promise<void> => {
      for (let end = 10; end <= 400; end += 10) {
        await writer.append(source, landings(end - 10, end));
        await writer.flush(source);
      }
      isDone = true;
    };
    const writing = write();
    let seen = 0;
    while (!isDone) {
      const found = await offsets(reader);
      expect(found).toEqual(upTo(found.length));
      expect(found.length).toBeGreaterThanOrEqual(seen);
      seen = found.length;
      await turn();
    }
    await writing;
    expect(await offsets(reader)).toEqual(upTo(400));
  });

  it('hold each record once however often they are killed', async () => {
    const folder = newFolder();
    const file = new URL('../../test/processes/history-writer.ts', import.meta.url).pathname;
    const end = 3_000;
    const start = (batch: number) => runFile(file, [folder, String(end), String(batch)]);
    for (let kill = 0; kill < 3; kill++) {
      const writers = [start(37), start(53)];
      // After some flushes of one of them, wherever the other is.
      await writers[kill % 2]!.lineWhere(() => writers[kill % 2]!.lines.length > 5 + kill * 3);
      await Promise.all(writers.map((writer) => writer.kill()));
    }
    const last = [start(500), start(700)];
    await Promise.all(last.map((writer) => writer.lineWhere((line) => line === 'done')));
    await Promise.all(last.map((writer) => writer.kill()));
    const store = await openStore(folder);
    expect([await offsets(store), await offsets(store, 1)]).toEqual([upTo(end), upTo(end)]);
  }, 120_000);
});
