import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allAnswered } from '../../core/online/answers.ts';
import type { HeldValue } from '../../core/ports/online-store.ts';
import { runFile } from '../../test/processes/run-file.ts';
import { temporaryFolders } from '../../test/processes/temporary-folders.ts';
import { openLmdbOnlineReader } from './online-reader.ts';
import { createLmdbOnlineStore } from './online-store.ts';

const folder = temporaryFolders('lmdb-reader');

describe('openLmdbOnlineReader', () => {
  it('reads at once what another process has confirmed', async () => {
    const path = folder();
    const writer = fileURLToPath(new URL('../../test/processes/lmdb-writer.ts', import.meta.url));
    const writing = runFile(writer, [path]);
    try {
      await writing.lineWhere((line) => line === '0');
      await using reader = openLmdbOnlineReader({ folder: path });
      for (let batch = 0; batch < 40; batch++) {
        await writing.lineWhere((line) => line === String(batch));
        const [value] = allAnswered(await reader.getMany([`k:${batch}:{7}`, 'absent']));
        expect(Buffer.from(value!.subarray(8)).toString()).toBe(`${batch}/7`);
      }
      expect(await reader.getMany(['absent'])).toEqual([null]);
    } finally {
      await writing.kill();
    }
  });

  it('gives what the file has, whatever it holds in memory', async () => {
    const keys = ['a{1}', 'b{1}', 'c{1}'] as const;
    const step = fc.record({
      kind: fc.constantFrom('write' as const, 'delete' as const, 'read' as const),
      key: fc.constantFrom(...keys),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
        const path = folder();
        await using store = createLmdbOnlineStore({ folder: path, durability: 'process' });
        await using reader = openLmdbOnlineReader({ folder: path, memoryBytes: 2_500 });
        const { held } = reader;
        const expected = new Map<string, number>();
        const found: (HeldValue | undefined)[] = [];
        for (const [number, { kind, key }] of steps.entries()) {
          if (kind === 'write') await store.put(key, Uint8Array.of(number));
          if (kind === 'delete') await store.delete([key]);
          if (kind === 'write') expected.set(key, number);
          if (kind === 'delete') expected.delete(key);
          for (let time = 0; time < 5; time++) {
            const answers = allAnswered(await reader.getMany(keys));
            expect(answers.map((value) => value?.[0])).toEqual(keys.map((one) => expected.get(one)));
          }
          // What a reader has found before is what the file has, or is no longer good.
          found.push(held!.find(key));
          const now = held!.nowMillis();
          for (const [at, one] of found.entries()) {
            const value = one?.read(now);
            if (value !== undefined) expect(value?.[0]).toBe(expected.get(steps[at]!.key));
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('holds what is asked for again, and what others write does not end it', async () => {
    const path = folder();
    await using store = createLmdbOnlineStore({ folder: path, durability: 'process' });
    await store.put('a{1}', Uint8Array.of(7));
    await using reader = openLmdbOnlineReader({ folder: path });
    for (let time = 0; time < 4; time++) await reader.getMany(['a{1}']);
    const held = reader.held!.find('a{1}')!;
    held.made = 'what a reader made of it';
    await store.put('b{1}', Uint8Array.of(8));
    expect([...held.read(reader.held!.nowMillis())!]).toEqual([7]);
    expect(reader.held!.find('a{1}')).toMatchObject({ made: 'what a reader made of it' });
    await store.put('a{1}', Uint8Array.of(9));
    expect(held.read(reader.held!.nowMillis())).toBeUndefined();
    expect([...allAnswered(await reader.getMany(['a{1}']))[0]!]).toEqual([9]);
  });
});
