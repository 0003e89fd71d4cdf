import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { killWhen, runFile } from '../../test/processes/run-file.ts';
import { temporaryFolders } from '../../test/processes/temporary-folders.ts';
import { lockFolder } from './lock-folder.ts';

const newFolder = temporaryFolders('lock');
const holder = fileURLToPath(new URL('../../test/processes/lock-holder.ts', import.meta.url));

describe('lockFolder', () => {
  it('lets one in at a time, and the next in after the first has closed', async () => {
    const folder = join(newFolder(), 'made', 'on', 'the', 'way');
    const first = lockFolder(folder);
    expect(() => lockFolder(folder)).toThrowError(`already open in this process (${process.pid})`);
    await first[Symbol.asyncDispose]();
    expect(readdirSync(folder)).toEqual([]);
    await using _second = lockFolder(folder);
    await first[Symbol.asyncDispose]();
    expect(readdirSync(folder)).toEqual(['asof.lock']);
  });

  it('names another process that holds it, and takes over when that was killed', async () => {
    const folder = newFolder();
    const running = runFile(holder, [folder]);
    await running.lineWhere((line) => line === 'locked');
    const { pid } = running.child;
    expect(() => lockFolder(folder)).toThrowError(
      `${folder} is in use by process ${pid}. Stop that process (kill ${pid})`,
    );
    await running.kill();
    await using _lock = lockFolder(folder);
    expect(JSON.parse(readFileSync(join(folder, 'asof.lock'), 'utf8')).pid).toBe(process.pid);
    expect(readdirSync(folder)).toEqual(['asof.lock']);
  });

  it('lets one of several through that find the same stale lock', async () => {
    const folder = newFolder();
    await killWhen(holder, [folder], () => true);
    const racers = Array.from({ length: 4 }, () => runFile(holder, [folder]));
    // All are kept running until each has answered, so that none finds a lock whose owner has gone.
    const answers = await Promise.all(racers.map((racer) => racer.lineWhere(() => true)));
    await Promise.all(racers.map((racer) => racer.kill()));
    expect(answers.filter((line) => line === 'locked')).toHaveLength(1);
    for (const line of answers) expect(line).toMatch(/^locked$|is in use by process \d+/);
  });

  it('takes over from an earlier process with our own pid, as in a restarted container', async () => {
    const folder = newFolder();
    const earlier = { pid: process.pid, host: hostname(), processStart: '1', token: 't' };
    writeFileSync(join(folder, 'asof.lock'), `${JSON.stringify(earlier)}\n`);
    await using lock = lockFolder(folder);
    expect(readFileSync(lock.file, 'utf8')).not.toContain('"token":"t"');
  });

  it('does not guess about another host', () => {
    const folder = newFolder();
    const elsewhere = { pid: 2 ** 22 + 1, host: 'elsewhere', processStart: '1', token: 't' };
    writeFileSync(join(folder, 'asof.lock'), `${JSON.stringify(elsewhere)}\n`);
    expect(() => lockFolder(folder)).toThrowError(/in use by process 4194305 on host elsewhere.*delete the lock file/);
  });

  it('does not guess about a damaged lock', () => {
    for (const text of ['', 'x', '{"pid":0}', '{"pid":"1","host":"h","token":"t"}']) {
      const folder = newFolder();
      writeFileSync(join(folder, 'asof.lock'), text);
      expect(() => lockFolder(folder), text).toThrowError(/asof\.lock: the lock file of .* is damaged/);
    }
  });
});
