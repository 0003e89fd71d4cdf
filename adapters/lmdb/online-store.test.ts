import { statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { allAnswered } from '../../core/online/answers.ts';
import { onlineStoreContract } from '../../test/contracts/online-store.ts';
import { killWhen } from '../../test/processes/run-file.ts';
import { temporaryFolders } from '../../test/processes/temporary-folders.ts';
import { createLmdbOnlineStore } from './online-store.ts';

const folder = temporaryFolders('lmdb');

onlineStoreContract('lmdb', async () => createLmdbOnlineStore({ folder: folder() }));
onlineStoreContract('lmdb that does not wait for the disk', async () =>
  createLmdbOnlineStore({ folder: folder(), durability: 'process' }),
);

describe('createLmdbOnlineStore', () => {
  it('loses nothing that it confirmed before kill -9, and stores each write whole', async () => {
    const path = folder();
    const writer = fileURLToPath(new URL('../../test/processes/lmdb-writer.ts', import.meta.url));
    const confirmed = await killWhen(writer, [path], (line) => line === '40');
    expect(confirmed.length).toBeGreaterThan(40);
    await using store = createLmdbOnlineStore({ folder: path });
    for (const batch of confirmed) {
      const indexes = Array.from({ length: 50 }, (_, index) => index);
      const values = allAnswered(await store.getMany(indexes.map((index) => `k:${batch}:{${index}}`)));
      expect(values.map((value) => value && Buffer.from(value.subarray(8)).toString())).toEqual(
        indexes.map((index) => `${batch}/${index}`),
      );
    }
  });

  it('finds what an earlier opening wrote', async () => {
    const path = folder();
    {
      await using store = createLmdbOnlineStore({ folder: path });
      await store.put('k{1}', Uint8Array.of(7));
    }
    await using store = createLmdbOnlineStore({ folder: path });
    expect([...allAnswered(await store.getMany(['k{1}']))[0]!]).toEqual([7]);
  });

  it('refuses a file that is not its own, naming it and the way out', () => {
    const path = folder();
    writeFileSync(join(path, 'online.mdb'), 'this is not a database'.repeat(1_000));
    expect(() => createLmdbOnlineStore({ folder: path })).toThrowError(
      /online\.mdb: the online store cannot be opened/,
    );
  });

  it('answers a file that was cut off with an error instead of a crash', async () => {
    const path = folder();
    const file = join(path, 'online.mdb');
    {
      await using store = createLmdbOnlineStore({ folder: path });
      for (let index = 0; index < 500; index++) await store.put(`k{${index}}`, new Uint8Array(1_000));
    }
    const { size } = statSync(file);
    truncateSync(file, 3 * 4_096);
    expect(() => createLmdbOnlineStore({ folder: path })).toThrowError(
      /online\.mdb: the online store cannot be opened/,
    );
    expect(statSync(file).size).toBeLessThanOrEqual(size);
  });
});
