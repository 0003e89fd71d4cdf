import fc from 'fast-check';
import { expect, it } from 'vitest';
import { allAnswered } from '../../core/online/answers.ts';
import { temporaryFolders } from '../../test/processes/temporary-folders.ts';
import { createLmdbOnlineStore } from './online-store.ts';
import { createRecentValues } from './recent-values.ts';

const folder = temporaryFolders('lmdb-recent');

it('never gives a value that is older than a write that has resolved, whatever is under way', async () => {
  const step = fc.record({
    kind: fc.constantFrom('write' as const, 'delete' as const, 'turn' as const, 'settle' as const),
    key: fc.constantFrom('a{1}', 'b{1}', 'c{1}'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
      await using store = createLmdbOnlineStore({ folder: folder(), durability: 'process', memoryBytes: 2_000 });
      /** Per key the number of the newest write that has resolved, and what each wrote. */
      const resolved = new Map<string, number>();
      const written: { readonly key: string | null; readonly value: Uint8Array | null }[] = [
        { key: null, value: null },
      ];
      const running: Promise<void>[] = [];
      const look = async (key: string): Promise<void> => {
        const least = resolved.get(key) ?? 0;
        const found = allAnswered(await store.getMany([key]))[0]!;
        const candidates = written.slice(least).filter((one) => one.key === null || one.key === key);
        expect(candidates.map(({ value }) => value?.[0] ?? null)).toContain(found?.[0] ?? null);
      };
      for (const { kind, key } of steps) {
        if (kind === 'write' || kind === 'delete') {
          const value = kind === 'write' ? Uint8Array.of(written.length) : null;
          const number = written.push({ key, value }) - 1;
          const done = value === null ? store.delete([key]) : store.put(key, value);
          running.push(done.then(() => void resolved.set(key, Math.max(number, resolved.get(key) ?? 0))));
        } else if (kind === 'turn') await new Promise(setImmediate);
        else await Promise.all(running);
        for (let time = 0; time < 5; time++) await look(key);
      }
      await Promise.all(running);
      for (const key of ['a{1}', 'b{1}', 'c{1}']) for (let time = 0; time < 9; time++) await look(key);
    }),
    { numRuns: 30 },
  );
});

it('keeps what is asked for again, be it something or nothing, and nothing while it is changed', async () => {
  const recent = createRecentValues(10_000);
  const askUntilKept = (key: string, value: Uint8Array | null): number => {
    for (let misses = 0; misses < 10; misses++) {
      if (recent.find(key) !== undefined) return misses;
      recent.take(key, value);
    }
    return Number.POSITIVE_INFINITY;
  };
  expect(askUntilKept('some', Uint8Array.of(7))).toBe(4);
  expect([...recent.find('some')!.read(0)!]).toEqual([7]);
  expect(askUntilKept('none', null)).toBe(4);
  expect(recent.find('none')!.read(0)).toBeNull();
  await recent.changing(['some'], async () => {
    expect(askUntilKept('some', Uint8Array.of(8))).toBe(Number.POSITIVE_INFINITY);
    await expect(recent.changing(['some'], () => Promise.reject(new Error('in vain')))).rejects.toThrow('in vain');
    expect(askUntilKept('some', Uint8Array.of(8))).toBe(Number.POSITIVE_INFINITY);
  });
  expect(askUntilKept('some', Uint8Array.of(9))).toBeLessThan(5);
  expect([...recent.find('some')!.read(0)!]).toEqual([9]);
});
