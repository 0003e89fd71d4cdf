import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { registryStoreContract } from '../../test/contracts/registry-store.ts';
import { entityVersion, storing } from '../../test/contracts/registry-versions.ts';
import { runFile } from '../../test/processes/run-file.ts';
import { temporaryFolders } from '../../test/processes/temporary-folders.ts';
import { openPgliteRegistry } from './registry-store.ts';

const newFolder = temporaryFolders('pglite');
const folder = newFolder();

registryStoreContract('pglite', { open: () => openPgliteRegistry({ folder }), isShared: false });

describe('openPgliteRegistry', () => {
  it('refuses a second opening, and releases its lock when it closes or fails', async () => {
    const store = await openPgliteRegistry({ folder });
    await expect(openPgliteRegistry({ folder })).rejects.toMatchObject({ code: 'LOCKED' });
    await store[Symbol.asyncDispose]();

    const damaged = newFolder();
    writeFileSync(join(damaged, 'initialized'), '');
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(openPgliteRegistry({ folder: damaged })).rejects.toThrowError(
        /pgdata: the registry’s database cannot/,
      );
    }
  });

  it('loses nothing that it confirmed before kill -9', async () => {
    const writer = fileURLToPath(new URL('../../test/processes/registry-writer.ts', import.meta.url));
    const running = runFile(writer, [folder]);
    await running.lineWhere(() => running.lines.length >= 20);
    await running.kill();
    const last = Number(running.lines.at(-2));
    await using store = await openPgliteRegistry({ folder });
    const { revision, versions } = await store.load();
    expect(revision).toBeGreaterThanOrEqual(last);
    expect(versions.some(({ name }) => name === `entity${last}`)).toBe(true);
    expect(await store.getDocument('datasets', `d${last}`)).toEqual({ revision: last });
    await store.apply(storing(entityVersion('after')), revision);
  });

  it('starts over where the first start was killed before it was done', async () => {
    const half = newFolder();
    mkdirSync(join(half, 'pgdata', 'base'), { recursive: true });
    writeFileSync(join(half, 'pgdata', 'PG_VERSION'), '18\n');
    await using store = await openPgliteRegistry({ folder: half });
    expect((await store.load()).revision).toBe(0);
  });

  it('refuses a damaged database, naming it, rather than begin an empty one', async () => {
    const version = join(folder, 'pgdata', 'PG_VERSION');
    const text = readFileSync(version);
    rmSync(version);
    await expect(openPgliteRegistry({ folder })).rejects.toMatchObject({ code: 'CORRUPT' });
    writeFileSync(version, text);
    const control = join(folder, 'pgdata', 'global', 'pg_control');
    const bytes = readFileSync(control);
    writeFileSync(control, Buffer.alloc(bytes.length, 7));
    await expect(openPgliteRegistry({ folder })).rejects.toThrowError(
      /pgdata: the registry’s database cannot be opened/,
    );
    writeFileSync(control, bytes);
  });
});
