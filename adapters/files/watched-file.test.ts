import { chmodSync, chownSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { temporaryFolders } from '../../test/processes/temporary-folders.ts';
import { createManualClock } from '../clock/manual-clock.ts';
import { openWatchedFile, type WatchedFile } from './watched-file.ts';

const newFolder = temporaryFolders('secrets');
const clock = createManualClock({ at: 0 });
let file: WatchedFile | null = null;
afterEach(async () => {
  await file?.[Symbol.asyncDispose]();
  file = null;
});

async function followed(path: string) {
  const heard: string[] = [];
  file = await openWatchedFile(path, clock);
  file.follow({
    onChange: ({ text }) => void heard.push(text),
    onError: ({ code, details }) => void heard.push(`${code} ${details.path}`),
  });
  return {
    heard,
    /** One look, to its end. */
    async look() {
      while (clock.sleeping === 0) await new Promise((resolve) => setImmediate(resolve));
      await clock.advance(1_000);
      while (clock.sleeping === 0) await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

it('tells of each change, however the file is replaced, and of nothing else', async () => {
  const folder = newFolder();
  const [path, other] = [join(folder, 'tokens'), join(folder, 'other')];
  writeFileSync(path, 'a', { mode: 0o600 });
  const { heard, look } = await followed(path);
  expect(file?.first).toEqual({ text: 'a', looseMode: null });
  await look();
  writeFileSync(path, 'b');
  await look();
  await look();
  rmSync(path);
  writeFileSync(other, 'c');
  symlinkSync(other, path);
  await look();
  expect(heard).toEqual(['b', 'c']);
});

it('tells once that it cannot be read, and goes on when it can', async () => {
  const path = join(newFolder(), 'tokens');
  writeFileSync(path, 'a');
  const { heard, look } = await followed(path);
  rmSync(path);
  await look();
  await look();
  writeFileSync(path, 'b');
  await look();
  expect(heard).toEqual([`BAD_INPUT ${path}`, 'b']);
});

it('says who else may read it', async () => {
  const path = join(newFolder(), 'tokens');
  writeFileSync(path, 'a');
  chmodSync(path, 0o640);
  file = await openWatchedFile(path, clock);
  expect(file.first.looseMode).toBe('0640');
});

it.skipIf(process.getuid?.() !== 0)('lets the group read what another user owns (needs root)', async () => {
  const path = join(newFolder(), 'tokens');
  writeFileSync(path, 'a');
  chownSync(path, 65_534, 65_534);
  const looseMode = async (mode: number): Promise<string | null> => {
    chmodSync(path, mode);
    file = await openWatchedFile(path, clock);
    return file.first.looseMode;
  };
  expect(await looseMode(0o440)).toBeNull();
  expect(await looseMode(0o444)).toBe('0444');
});

it('refuses a file that is missing or beyond any file of tokens', async () => {
  const folder = newFolder();
  await expect(openWatchedFile(join(folder, 'missing'), clock)).rejects.toMatchObject({ code: 'BAD_INPUT' });
  await expect(openWatchedFile(folder, clock)).rejects.toMatchObject({ code: 'BAD_INPUT' });
  writeFileSync(join(folder, 'large'), Buffer.alloc(1_048_577));
  await expect(openWatchedFile(join(folder, 'large'), clock)).rejects.toThrow('expected at most 1048576');
});
