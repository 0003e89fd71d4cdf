import { mkdir, readdir, rename, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OfflineStore } from '../../core/ports/offline-store.ts';
import { recordShape } from '../../core/records/record-shape.ts';
import { landingAt, landingsSource as source } from '../../test/doubles/landing-log.ts';
import { aggregateView } from '../../test/doubles/landing-views.ts';
import { temporaryFolders } from '../../test/processes/temporary-folders.ts';
import { createDuckDbOfflineStore } from './offline-store.ts';

const newFolder = temporaryFolders('leftovers');
const view = aggregateView(source, [], []);
const mergedFiles = 16;

let folder: string;
let historyFolder: string;
let store: OfflineStore;
beforeEach(async () => {
  folder = newFolder();
  historyFolder = join(folder, source.name, recordShape(source));
  store = await createDuckDbOfflineStore({ folder });
});
afterEach(() => store[Symbol.asyncDispose]());

const landings = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => landingAt(from + index, 0));

async function offsets(): Promise<number[]> {
  const found: number[] = [];
  for await (const { records } of store.scanByKey(view)) found.push(...records.map(({ offset }) => offset));
  return found;
}

async function files(): Promise<string[]> {
  const found = await readdir(historyFolder, { recursive: true });
  return found.filter((path) => path.endsWith('.parquet')).sort();
}

/** A file for each landing. */
async function flushMany(from: number, to: number): Promise<void> {
  for (let offset = from; offset < to; offset++) {
    await store.append(source, landings(offset, offset + 1));
    await store.flush(source);
  }
}

/** Lets files be seven hours older. */
async function age(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const file = join(historyFolder, path);
    const before = (await stat(file)).mtimeMs / 1_000 - 7 * 3_600;
    await utimes(file, before, before);
  }
}

describe('what is left over in a history folder', () => {
  it('ignores files that a crash left unnamed, writes them again, and removes them when they are old', async () => {
    await store.append(source, landings(0, 30));
    await store.flush(source);
    await store.append(source, landings(30, 60));
    await store.flush(source);
    await store[Symbol.asyncDispose]();
    const newest = (await readdir(historyFolder))
      .filter((name) => name.endsWith('.json'))
      .sort()
      .at(-1)!;
    // As if the process had died after the files were renamed and before the manifest was.
    await rename(join(historyFolder, newest), join(historyFolder, `${newest}.0000abcd.new`));
    store = await createDuckDbOfflineStore({ folder });
    expect(await offsets()).toEqual([...Array(30).keys()]);
    const unnamed = (await files()).filter((path) => path.includes('-30-'));
    expect(unnamed).toHaveLength(1);
    await store.append(source, landings(0, 60));
    await store.flush(source);
    expect(await offsets()).toEqual([...Array(60).keys()]);
    await age([...unnamed, `${newest}.0000abcd.new`]);
    await flushMany(60, 60 + mergedFiles);
    expect(await files()).not.toContain(unnamed[0]);
    expect(await readdir(historyFolder)).not.toContain(`${newest}.0000abcd.new`);
    expect(await offsets()).toEqual([...Array(60 + mergedFiles).keys()]);
  });

  it('merges the small files that many flushes leave, while they are read, and removes them when they are old', async () => {
    await flushMany(0, mergedFiles - 1);
    const replaced = await files();
    const reading = store.scanByKey(view)[Symbol.asyncIterator]();
    await flushMany(mergedFiles - 1, mergedFiles);
    await store.append(source, landings(16, 18));
    await store.flush(source);
    expect(await offsets()).toEqual([...Array(18).keys()]);
    expect((await reading.next()).value.records.length).toBeGreaterThanOrEqual(mergedFiles - 1);
    await reading.return?.();
    expect(await files()).toEqual(expect.arrayContaining(replaced));
    await age(replaced);
    await flushMany(18, 18 + mergedFiles);
    // All files are looked at now and then only, and by whoever opens the history.
    expect(await files()).toEqual(expect.arrayContaining(replaced));
    await store[Symbol.asyncDispose]();
    store = await createDuckDbOfflineStore({ folder });
    await flushMany(18 + mergedFiles, 18 + 2 * mergedFiles);
    const left = await files();
    expect(left.filter((path) => replaced.includes(path))).toEqual([]);
    expect(left.filter((path) => /-0-0-15-merged-[0-9a-f]{8}\.parquet$/.test(path))).toHaveLength(1);
    expect(await offsets()).toEqual([...Array(18 + 2 * mergedFiles).keys()]);
    expect(await store.durablePositions(source)).toEqual(new Map([['log/0', 17 + 2 * mergedFiles]]));
  });

  it('removes what a crash left of spilled joins, when it is old', async () => {
    await store[Symbol.asyncDispose]();
    const [old, fresh] = ['.spill-old', '.spill-new'].map((name) => join(folder, name));
    for (const path of [old!, fresh!]) await mkdir(path);
    await utimes(old!, 1, 1);
    store = await createDuckDbOfflineStore({ folder });
    const left = (await readdir(folder)).filter((name) => name.startsWith('.spill-'));
    expect(left).toHaveLength(2);
    expect(left).toContain('.spill-new');
  });
});
